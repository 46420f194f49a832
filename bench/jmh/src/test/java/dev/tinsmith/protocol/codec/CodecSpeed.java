package dev.tinsmith.protocol.codec;

import com.google.protobuf.ByteString;
import dev.tinsmith.protocol.Training;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// A training pass of 8 × 256 tokens on its way in and its answer on the way out; the answer to a
/// request for 16 samples of 64 tokens.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class CodecSpeed {
    private static final int DATUMS = 8;
    private static final int LENGTH = 256;
    private static final int SAMPLES = 16;
    private static final int NEW_TOKENS = 64;
    private static final Results.Prompt NO_PROMPT =
            new Results.Prompt(
                    Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), 0);

    private final int[] tokens = new Random(1).ints(LENGTH, 0, 49_152).toArray();
    private final float[] logprobs = new float[LENGTH];
    private final byte[] pass = pass();

    /// Decoded, checked, and made canonical to tell a repeated request from another.
    @Benchmark
    public Proto.Read<Training.ForwardBackward> readPass() {
        return Proto.forwardBackward(pass);
    }

    @Benchmark
    public byte[] writePassed() {
        Results.Row row = new Results.Row(List.of(), logprobs::clone);
        return Results.passed(Collections.nCopies(DATUMS, row), Map.of("loss:sum", 1.0));
    }

    @Benchmark
    public byte[] writeSamples() {
        Results.Sequence sequence =
                new Results.Sequence(
                        false,
                        () -> Arrays.copyOf(tokens, NEW_TOKENS),
                        () -> Arrays.copyOf(logprobs, NEW_TOKENS),
                        Optional.empty());
        return Results.sampled(Collections.nCopies(SAMPLES, sequence), NO_PROMPT);
    }

    private byte[] pass() {
        Wire.EncodedTextChunk text =
                Wire.EncodedTextChunk.newBuilder().setTokens(Bytes.of(tokens)).build();
        long[] targets = Arrays.stream(tokens).asLongStream().toArray();
        float[] weights = new float[LENGTH];
        Arrays.fill(weights, 1);
        Wire.Datum datum =
                Wire.Datum.newBuilder()
                        .addModelInput(Wire.Chunk.newBuilder().setEncodedText(text))
                        .putLossFnInputs(
                                "target_tokens", tensor(Bytes.of(targets), Wire.DType.INT64))
                        .putLossFnInputs("weights", tensor(Bytes.of(weights), Wire.DType.FLOAT32))
                        .build();
        return Wire.ForwardBackwardRequest.newBuilder()
                .setModelId("00000000-0000-0000-0000-000000000000:train:0")
                .setSeqId(1)
                .addAllData(Collections.nCopies(DATUMS, datum))
                .setLossFn("cross_entropy")
                .build()
                .toByteArray();
    }

    private static Wire.Tensor tensor(ByteString values, Wire.DType dtype) {
        return Wire.Tensor.newBuilder().setDense(values).setDtype(dtype).addShape(LENGTH).build();
    }
}
