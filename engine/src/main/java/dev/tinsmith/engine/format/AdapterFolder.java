package dev.tinsmith.engine.format;

import dev.tinsmith.engine.Floats;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/// The folder of a checkpoint: an adapter as PEFT lays it out, and perhaps its optimizer's state.
/// Any thread may read until it is closed.
public final class AdapterFolder implements AutoCloseable {
    /// The factors, under PEFT's names, F32.
    public static final String WEIGHTS = "adapter_model.safetensors";

    /// The running means of AdamW under names such as `lm_head.lora_A.m`, F32, and its step.
    public static final String OPTIMIZER = "optimizer.safetensors";

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final String PREFIX = "base_model.model.";
    private static final String A = ".lora_A";
    private static final String B = ".lora_B";
    private static final String WEIGHT = ".weight";
    private static final String STEP = "step";
    private static final String EXPERTS = ".experts.w";
    private static final Map<String, String> EXPERT_LEAVES =
            Map.of("w1", "gate_proj", "w3", "up_proj", "w2", "down_proj");
    private static final Map<String, String> PYTORCH = Map.of("format", "pt");

    private final Path folder;
    private final AdapterConfig config;
    private final Safetensors weights;
    private final SortedSet<String> modules;

    private AdapterFolder(
            Path folder, AdapterConfig config, Safetensors weights, SortedSet<String> modules) {
        this.folder = folder;
        this.config = config;
        this.weights = weights;
        this.modules = modules;
    }

    /// How many of each factor a module of experts has: one that they share, or one each.
    public record Stack(int a, int b) {
        private static int of(Optional<Stack> stack, ToIntFunction<Stack> which) {
            return stack.map(which::applyAsInt).orElse(1);
        }
    }

    /// Two numbers for each place of a module's factors, or the factors themselves.
    ///
    /// @param module such as `model.layers.0.mlp.up_proj`
    /// @param rank r
    /// @param a `[r, in]`, row-major; one after another where there are several
    /// @param b `[out, r]`, likewise
    /// @param stack how many there are, if they are those of experts
    public record Factors(String module, int rank, Floats a, Floats b, Optional<Stack> stack) {
        public Factors {
            if (a.length() % rank != 0 || b.length() % rank != 0) {
                throw new IllegalArgumentException(
                        "%s has factors of %d and %d numbers, which are no rows of rank %d"
                                .formatted(module, a.length(), b.length(), rank));
            }
        }

        /// Those of a single module.
        public Factors(String module, int rank, Floats a, Floats b) {
            this(module, rank, a, b, Optional.empty());
        }

        /// How many numbers the module takes.
        public int in() {
            return a.length() / rank / Stack.of(stack, Stack::a);
        }

        /// How many numbers the module gives.
        public int out() {
            return b.length() / rank / Stack.of(stack, Stack::b);
        }

        private Shape shape() {
            return new Shape(module, rank, in(), out(), stack);
        }
    }

    /// How large a module's factors are.
    public record Shape(String module, int rank, int in, int out, Optional<Stack> stack) {
        /// Those of a single module.
        public Shape(String module, int rank, int in, int out) {
            this(module, rank, in, out, Optional.empty());
        }

        private Stream<TensorSpec> tensors(String prefix, String suffix) {
            String name = prefix + module;
            return Stream.of(
                    tensor(name + A + suffix, stack.map(Stack::a), rank, in),
                    tensor(name + B + suffix, stack.map(Stack::b), out, rank));
        }

        private static TensorSpec tensor(
                String name, Optional<Integer> count, long rows, long columns) {
            List<Long> shape =
                    count.map(many -> List.of((long) many, rows, columns))
                            .orElse(List.of(rows, columns));
            return new TensorSpec(name, DType.F32, shape);
        }
    }

    /// The state of AdamW.
    ///
    /// @param step how many steps were taken
    /// @param mean of the gradient, for every module
    /// @param square mean of its square, for every module
    public record Moments(long step, List<Factors> mean, List<Factors> square) {
        public Moments {
            mean = List.copyOf(mean);
            square = List.copyOf(square);
        }
    }

    /// Writes an adapter into the empty folder `into`.
    public static void write(Path into, AdapterConfig config, List<Factors> factors) {
        config.write(into);
        writeWeights(into, factors);
    }

    /// Writes an adapter into the empty folder `into` as PEFT itself would, with nothing of ours.
    public static void writeForPeft(Path into, AdapterConfig config, List<Factors> factors) {
        config.writeForPeft(into);
        writeWeights(into, factors);
    }

    private static void writeWeights(Path into, List<Factors> factors) {
        Stream<TensorSpec> tensors =
                factors.stream().flatMap(pair -> pair.shape().tensors(PREFIX, WEIGHT));
        write(into.resolve(WEIGHTS), PYTORCH, tensors, factors.stream());
    }

    /// Writes the factors of an adapter into the folder `into`, in this order, and asks `source`
    /// for one module at a time, so that an adapter larger than memory goes through.
    public static void writeWeights(
            Path into, List<Shape> shapes, Function<Shape, Factors> source) {
        Stream<TensorSpec> tensors =
                shapes.stream().flatMap(shape -> shape.tensors(PREFIX, WEIGHT));
        write(into.resolve(WEIGHTS), PYTORCH, tensors, shapes.stream().map(source));
    }

    /// Puts the optimizer's state beside an adapter.
    public static void writeMoments(Path into, Moments moments) {
        Stream<TensorSpec> tensors =
                Stream.concat(
                        moments.mean().stream().flatMap(pair -> pair.shape().tensors("", ".m")),
                        moments.square().stream().flatMap(pair -> pair.shape().tensors("", ".v")));
        write(
                into.resolve(OPTIMIZER),
                Map.of(STEP, Long.toString(moments.step())),
                tensors,
                Stream.concat(moments.mean().stream(), moments.square().stream()));
    }

    /// One tensor at a time, since a second copy of all of them would weigh as much as the adapter.
    private static void write(
            Path file,
            Map<String, String> metadata,
            Stream<TensorSpec> tensors,
            Stream<Factors> factors) {
        try (SafetensorsWriter writer =
                SafetensorsWriter.create(file, metadata, tensors.toList())) {
            for (Iterator<Factors> each = factors.iterator(); each.hasNext(); ) {
                Factors pair = each.next();
                append(writer, pair.a());
                append(writer, pair.b());
            }
            writer.finish();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void append(SafetensorsWriter writer, Floats numbers) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            writer.append(arena.allocateFrom(FLOAT, numbers.toArray()));
        }
    }

    /// Opens the adapter in `folder`.
    ///
    /// @throws FormatException if there is none, or its files do not fit each other
    public static AdapterFolder open(Path folder) {
        AdapterConfig config = AdapterConfig.read(folder);
        Safetensors weights = Safetensors.open(folder.resolve(WEIGHTS));
        boolean opened = false;
        try {
            SortedSet<String> modules = modules(config, weights);
            opened = true;
            return new AdapterFolder(folder, config, weights, modules);
        } finally {
            if (!opened) {
                weights.close();
            }
        }
    }

    private static SortedSet<String> modules(AdapterConfig config, Safetensors weights) {
        TreeSet<String> modules = new TreeSet<>();
        for (TensorSpec tensor : weights.tensors().values()) {
            String module = module(tensor.name());
            require(weights, PREFIX + module + A + WEIGHT, 0, config.lora().rank());
            require(weights, PREFIX + module + B + WEIGHT, 1, config.lora().rank());
            String leaf = leaf(module);
            if (!config.targetModules().contains(leaf)) {
                throw new FormatException(
                        "%s adapts %s; %s says target_modules is %s"
                                .formatted(
                                        WEIGHTS,
                                        module,
                                        AdapterConfig.FILE,
                                        config.targetModules()));
            }
            modules.add(module);
        }
        if (modules.isEmpty()) {
            throw new FormatException("%s adapts nothing; it is empty".formatted(WEIGHTS));
        }
        return Collections.unmodifiableSortedSet(modules);
    }

    /// The last part of a module's name, or of each of its experts'.
    private static String leaf(String module) {
        String leaf = module.substring(module.lastIndexOf('.') + 1);
        return module.contains(EXPERTS) ? EXPERT_LEAVES.getOrDefault(leaf, leaf) : leaf;
    }

    private static String module(String tensor) {
        for (String end : List.of(A + WEIGHT, B + WEIGHT)) {
            if (tensor.startsWith(PREFIX) && tensor.endsWith(end)) {
                return tensor.substring(PREFIX.length(), tensor.length() - end.length());
            }
        }
        throw new FormatException(
                "%s holds %s; names are such as %smodel.layers.0.mlp.up_proj%s%s"
                        .formatted(WEIGHTS, tensor, PREFIX, A, WEIGHT));
    }

    private static void require(Safetensors weights, String name, int axis, int rank) {
        TensorSpec found =
                Optional.ofNullable(weights.tensors().get(name))
                        .orElseThrow(() ->
                                new FormatException(
                                        "%s lacks %s, the partner of one that is there"
                                                .formatted(WEIGHTS, name)));
        int stacked = name.contains(EXPERTS) ? 1 : 0;
        if (found.shape().size() != 2 + stacked || found.shape().get(axis + stacked) != rank) {
            throw new FormatException(
                    "%s holds %s in the shape %s; %s says r is %d"
                            .formatted(WEIGHTS, name, found.shape(), AdapterConfig.FILE, rank));
        }
    }

    /// What `adapter_config.json` says.
    public AdapterConfig config() {
        return config;
    }

    /// The names of the adapted modules, such as `model.layers.0.mlp.up_proj`.
    public SortedSet<String> modules() {
        return modules;
    }

    /// The factors of one of the [#modules()].
    public Factors factors(String module) {
        return pair(weights, module, PREFIX, WEIGHT);
    }

    /// Whether the optimizer's state is there.
    public boolean hasMoments() {
        return Files.exists(folder.resolve(OPTIMIZER));
    }

    /// The optimizer's state.
    ///
    /// @throws FormatException if it is not there or does not fit the adapter
    public Moments moments() {
        if (!hasMoments()) {
            throw new FormatException(
                    "the checkpoint has no optimizer state; load it without, or save with it");
        }
        try (Safetensors file = Safetensors.open(folder.resolve(OPTIMIZER))) {
            return new Moments(
                    step(file),
                    modules.stream().map(module -> moment(file, module, ".m")).toList(),
                    modules.stream().map(module -> moment(file, module, ".v")).toList());
        }
    }

    private Factors moment(Safetensors file, String module, String suffix) {
        Factors moment = pair(file, module, "", suffix);
        Factors factors = factors(module);
        if (moment.a().length() != factors.a().length()
                || moment.b().length() != factors.b().length()) {
            throw new FormatException(
                    "%s holds %s of another shape than the adapter's"
                            .formatted(OPTIMIZER, module + suffix));
        }
        return moment;
    }

    private Factors pair(Safetensors file, String module, String prefix, String suffix) {
        return new Factors(
                module,
                config.lora().rank(),
                Floats.of(file.floats(prefix + module + A + suffix)),
                Floats.of(file.floats(prefix + module + B + suffix)),
                stack(module));
    }

    /// How many of each factor one of the [#modules()] has, if it is one of experts.
    public Optional<Stack> stack(String module) {
        return module.contains(EXPERTS)
                ? Optional.of(
                        new Stack(
                                count(PREFIX + module + A + WEIGHT),
                                count(PREFIX + module + B + WEIGHT)))
                : Optional.empty();
    }

    private int count(String tensor) {
        return Math.toIntExact(
                Optional.ofNullable(weights.tensors().get(tensor))
                        .orElseThrow()
                        .shape()
                        .getFirst());
    }

    private static long step(Safetensors file) {
        String step = file.metadata().getOrDefault(STEP, "");
        try {
            return Long.parseLong(step);
        } catch (NumberFormatException refused) {
            throw new FormatException(
                    "%s says step is '%s'; it must be a whole number".formatted(OPTIMIZER, step),
                    refused);
        }
    }

    @Override
    public void close() {
        weights.close();
    }
}
