package dev.tinsmith.torch.weights;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.EngineException;
import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.engine.format.HfConfig;
import dev.tinsmith.engine.format.WeightFiles;
import dev.tinsmith.torch.family.Families;
import dev.tinsmith.torch.model.DecoderSpec;
import dev.tinsmith.torch.nn.Decoder;
import dev.tinsmith.torch.ops.Dtype;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// The bases that are in memory.
public final class Bases implements AutoCloseable {
    /// What must remain free beside a base, for passes over it.
    private static final long HEADROOM = 512L << 20;

    private final Dtype dtype;
    private final Map<Base, Decoder> loaded = new LinkedHashMap<>();

    public Bases(Dtype dtype) {
        this.dtype = dtype;
    }

    /// The decoder of `base`, read from its folder if it is not here yet.
    ///
    /// @throws EngineException if it cannot be read, or does not fit
    public Decoder of(Base base) {
        return Optional.ofNullable(loaded.get(base)).orElseGet(() -> load(base));
    }

    private Decoder load(Base base) {
        try {
            DecoderSpec spec = Families.describe(HfConfig.read(base.folder()));
            checkFits(base, spec);
            try (WeightFiles files = WeightFiles.open(base.folder())) {
                Decoder decoder = new Decoder(spec, dtype, BaseLoader.load(files, spec, dtype));
                loaded.put(base, decoder);
                return decoder;
            }
        } catch (FormatException malformed) {
            throw new EngineException(
                    Fault.SERVER,
                    "the base model %s cannot be loaded: %s"
                            .formatted(base.name(), malformed.getMessage()));
        }
    }

    private void checkFits(Base base, DecoderSpec spec) {
        long needed = spec.parameters() * dtype.bytes() + HEADROOM;
        OptionalLong free = FreeMemory.bytes();
        if (free.isPresent() && free.getAsLong() < needed) {
            throw new EngineException(
                    Fault.SERVER,
                    "the base model %s needs %s of memory in %s, and %s is free; use a smaller model or a larger machine"
                            .formatted(
                                    base.name(),
                                    FreeMemory.words(needed),
                                    dtype,
                                    FreeMemory.words(free.getAsLong())));
        }
    }

    @Override
    public void close() {
        loaded.values().forEach(Decoder::close);
        loaded.clear();
    }
}
