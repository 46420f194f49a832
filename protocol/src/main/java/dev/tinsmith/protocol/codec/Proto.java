package dev.tinsmith.protocol.codec;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import dev.tinsmith.protocol.Datum;
import dev.tinsmith.protocol.Ints;
import dev.tinsmith.protocol.ModelInput;
import dev.tinsmith.protocol.TensorData;
import dev.tinsmith.protocol.Training;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/// The binary requests of the wire.
public final class Proto {
    private Proto() {}

    /// A request, and its bytes as they would be if every client wrote maps in the same order.
    ///
    /// @param canonical for telling a repeated request from another one
    public record Read<T>(T request, Canonical canonical) {}

    /// The pass that `body` asks for.
    ///
    /// @throws MalformedException if it asks for none, or says something that is not understood
    public static Read<Training.ForwardBackward> forwardBackward(byte[] body) {
        Wire.ForwardBackwardRequest request = parse(body);
        known("the request", request.getUnknownFields());
        if (request.getModelId().isEmpty()) {
            throw new MalformedException("model_id is missing; it must name a training run");
        }
        Tensors tensors = new Tensors();
        List<Datum> data = new ArrayList<>();
        for (int i = 0; i < request.getDataCount(); i++) {
            data.add(datum("data[%d]".formatted(i), request.getData(i), tensors));
        }
        return new Read<>(
                new Training.ForwardBackward(
                        request.getModelId(),
                        request.getSeqId(),
                        data,
                        request.getLossFn(),
                        settings(request),
                        request.getForwardOnly()),
                canonical(request));
    }

    /// Which pass `body` asks for, whatever is wrong with the rest of it.
    ///
    /// @throws MalformedException if not even that can be read
    public static Training.Address address(byte[] body) {
        Wire.ForwardBackwardRequest request = parse(body);
        return new Training.Address(request.getModelId(), request.getSeqId());
    }

    private static Wire.ForwardBackwardRequest parse(byte[] body) {
        try {
            return Wire.ForwardBackwardRequest.parseFrom(body);
        } catch (InvalidProtocolBufferException _) {
            throw new MalformedException(
                    "the body is not a ForwardBackwardRequest in protobuf; use the official client");
        }
    }

    private static Datum datum(String place, Wire.Datum datum, Tensors tensors) {
        known(place, datum.getUnknownFields());
        List<ModelInput.Chunk> chunks = new ArrayList<>();
        for (int i = 0; i < datum.getModelInputCount(); i++) {
            chunks.add(
                    chunk("%s.model_input.chunks[%d]".formatted(place, i), datum.getModelInput(i)));
        }
        SortedMap<String, TensorData> inputs = new TreeMap<>();
        datum.getLossFnInputsMap()
                .forEach((name, tensor) -> {
                    String where = "%s.loss_fn_inputs['%s']".formatted(place, name);
                    known(where, tensor.getUnknownFields());
                    inputs.put(name, named(where, () -> tensors.read(tensor)));
                });
        return new Datum(new ModelInput(chunks), inputs);
    }

    private static ModelInput.Chunk chunk(String place, Wire.Chunk chunk) {
        return switch (chunk.getChunkCase()) {
            case ENCODED_TEXT -> named(place, () -> text(chunk.getEncodedText()));
            case IMAGE -> new ModelInput.Image();
            case DMEL -> new ModelInput.Dmel();
            case CHUNK_NOT_SET ->
                    throw new MalformedException(
                            "%s is of a kind this server does not know; send encoded_text"
                                    .formatted(place));
        };
    }

    private static ModelInput.EncodedText text(Wire.EncodedTextChunk chunk) {
        int[] tokens = new int[chunk.getTokens().size() / Integer.BYTES];
        Bytes.of(chunk.getTokens(), Integer.BYTES).asIntBuffer().get(tokens);
        return new ModelInput.EncodedText(Ints.of(tokens));
    }

    private static SortedMap<String, Training.Setting> settings(
            Wire.ForwardBackwardRequest request) {
        SortedMap<String, Training.Setting> settings = new TreeMap<>();
        request.getLossFnConfigMap()
                .forEach((name, value) -> settings.put(name, new Training.Setting.Amount(value)));
        for (Map.Entry<String, Wire.LossConfigValue> entry :
                request.getLossFnConfigV2Map().entrySet()) {
            Wire.LossConfigValue value = entry.getValue();
            settings.put(
                    entry.getKey(),
                    switch (value.getValueCase()) {
                        case NUMBER -> new Training.Setting.Amount(value.getNumber());
                        case TEXT -> new Training.Setting.Text(value.getText());
                        case VALUE_NOT_SET ->
                                throw new MalformedException(
                                        "loss_fn_config['%s'] has no value; it must be a number or a string"
                                                .formatted(entry.getKey()));
                    });
        }
        return settings;
    }

    private static void known(String place, UnknownFieldSet unknown) {
        if (!unknown.asMap().isEmpty()) {
            throw new MalformedException(
                    "%s has the protobuf fields %s, which this server does not know"
                            .formatted(place, unknown.asMap().keySet()));
        }
    }

    private static <T> T named(String place, Supplier<T> reading) {
        try {
            return reading.get();
        } catch (IllegalArgumentException rule) {
            throw new MalformedException("%s %s".formatted(place, rule.getMessage()));
        }
    }

    private static Canonical canonical(Wire.ForwardBackwardRequest request) {
        byte[] bytes = new byte[request.getSerializedSize()];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.useDeterministicSerialization();
        try {
            request.writeTo(out);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return Canonical.of(bytes);
    }
}
