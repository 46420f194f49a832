package dev.tinsmith.torch.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.torch.Tiny;
import dev.tinsmith.torch.TinyModel;
import dev.tinsmith.torch.model.AttentionSpec;
import dev.tinsmith.torch.model.DecoderSpec;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdapterFilesTest {
    @TempDir private Path directory;

    private static AdapterLayout layout(LoraSpec lora) {
        return new AdapterLayout(TinyModel.SPEC, lora);
    }

    @Test
    void whatIsWrittenIsReadBack() {
        AdapterLayout layout = layout(Tiny.LORA);
        float[] values = onlyUsed(layout, Tiny.randomValues(layout, 1));
        float[] mean = onlyUsed(layout, Tiny.randomValues(layout, 2));
        float[] square = onlyUsed(layout, Tiny.randomValues(layout, 3));
        AdapterFiles.write(directory, layout, "tiny", MemorySegment.ofArray(values));
        AdapterFiles.writeMoments(
                directory, layout, MemorySegment.ofArray(mean), MemorySegment.ofArray(square), 17);

        assertThat(AdapterFiles.lora(directory)).isEqualTo(Tiny.LORA);
        assertThat(AdapterFiles.values(directory, layout)).containsExactly(values);
        assertThat(AdapterFiles.moments(directory, layout).mean()).containsExactly(mean);
        assertThat(AdapterFiles.moments(directory, layout).square()).containsExactly(square);
        assertThat(AdapterFiles.moments(directory, layout).step()).isEqualTo(17);
    }

    /// Zeros between the factors, where nothing is kept.
    private static float[] onlyUsed(AdapterLayout layout, float[] values) {
        float[] used = new float[values.length];
        for (AdapterLayout.Module module : layout.modules()) {
            module.putA(module.takeA(MemorySegment.ofArray(values)), used);
            module.putB(module.takeB(MemorySegment.ofArray(values)), used);
        }
        return used;
    }

    @Test
    void namesAndShapesAreThoseOfPeft() {
        Map<String, TinyModel.Weight> factors =
                Tiny.factors(Tiny.checkpoint(directory, Tiny.LORA, 1));

        assertThat(factors).hasSize(2 * (7 * TinyModel.SPEC.layers() + 1));
        assertThat(shape(factors, "model.layers.2.self_attn.k_proj.lora_A"))
                .containsExactly(4L, 48L);
        assertThat(shape(factors, "model.layers.2.self_attn.k_proj.lora_B"))
                .containsExactly(20L, 4L);
        assertThat(shape(factors, "model.layers.0.mlp.down_proj.lora_A")).containsExactly(4L, 80L);
        assertThat(shape(factors, "lm_head.lora_B")).containsExactly(101L, 4L);
    }

    private static List<Long> shape(Map<String, TinyModel.Weight> factors, String name) {
        return Objects.requireNonNull(factors.get(name)).shape();
    }

    @Test
    void flagsSayWhichModulesThereAre() {
        assertThat(names(new LoraSpec(4, 1, true, false, false)))
                .hasSize(4 * TinyModel.SPEC.layers())
                .allMatch(name -> name.contains("self_attn"));
        assertThat(names(new LoraSpec(4, 1, false, true, false)))
                .hasSize(3 * TinyModel.SPEC.layers())
                .allMatch(name -> name.contains("mlp"));
        assertThat(names(new LoraSpec(4, 1, false, false, true))).containsExactly("lm_head");
    }

    private static List<String> names(LoraSpec lora) {
        return layout(lora).modules().stream().map(AdapterLayout.Module::name).toList();
    }

    @Test
    void noTwoFactorsOverlap() {
        AdapterLayout layout = layout(Tiny.LORA);
        float[] flat = new float[(int) layout.size()];
        List<float[]> written = new ArrayList<>();
        float next = 1;
        for (AdapterLayout.Module module : layout.modules()) {
            float[] a = new float[module.rank() * module.in()];
            for (int i = 0; i < a.length; i++) {
                a[i] = next++;
            }
            module.putA(a, flat);
            written.add(a);
        }

        List<AdapterLayout.Module> modules = layout.modules();
        for (int i = 0; i < modules.size(); i++) {
            assertThat(modules.get(i).takeA(MemorySegment.ofArray(flat)))
                    .containsExactly(written.get(i));
            assertThat(modules.get(i).takeB(MemorySegment.ofArray(flat))).containsOnly(0f);
        }
    }

    @Test
    void freshFactorsFollowFromSeedAndNameAlone() {
        AdapterLayout all = layout(Tiny.LORA);
        AdapterLayout attention = layout(new LoraSpec(4, 7, true, false, false));
        float[] values = FirstValues.of(all);
        AdapterLayout.Module first = all.modules().getFirst();

        assertThat(
                        attention
                                .modules()
                                .getFirst()
                                .takeA(MemorySegment.ofArray(FirstValues.of(attention))))
                .containsExactly(first.takeA(MemorySegment.ofArray(values)));
        assertThat(all.modules().get(1).takeA(MemorySegment.ofArray(values)))
                .isNotEqualTo(first.takeA(MemorySegment.ofArray(values)));
        assertThat(first.takeB(MemorySegment.ofArray(values))).containsOnly(0f);
        float bound = (float) (1 / Math.sqrt(48));
        float most = 0;
        for (float value : first.takeA(MemorySegment.ofArray(values))) {
            most = Math.max(most, Math.abs(value));
        }
        assertThat(most).isBetween(0.9f * bound, bound);
    }

    @Test
    void aCheckpointOfAnotherBaseIsRefusedByModule() {
        Tiny.checkpoint(directory, new LoraSpec(4, 1, true, false, false), 1);
        DecoderSpec spec = TinyModel.SPEC;
        DecoderSpec wider =
                new DecoderSpec(
                        spec.embedding(),
                        spec.layers(),
                        spec.hidden(),
                        AttentionSpec.of(new DecoderSpec.Heads(8, 2, 10), spec.attention().rope()),
                        spec.feedForward(),
                        spec.norms(),
                        spec.context());
        LoraSpec attention = new LoraSpec(4, 1, true, false, false);

        assertThatThrownBy(
                        () -> AdapterFiles.values(directory, new AdapterLayout(wider, attention)))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("self_attn.o_proj")
                .hasMessageContaining("60 numbers to 48")
                .hasMessageContaining("80 and 48");
        assertThatThrownBy(() -> AdapterFiles.values(directory, layout(Tiny.LORA)))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("does not adapt lm_head");
    }

    @Test
    void anOptimizerThatIsNotThereIsRefused() throws IOException {
        Tiny.checkpoint(directory, Tiny.LORA, 1);

        assertThat(Files.exists(directory.resolve("optimizer.safetensors"))).isFalse();
        assertThatThrownBy(() -> AdapterFiles.moments(directory, layout(Tiny.LORA)))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("no optimizer state");
    }
}
