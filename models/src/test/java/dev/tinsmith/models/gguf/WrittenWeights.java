package dev.tinsmith.models.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads a small safetensors file without the code under test.
record WrittenWeights(JsonNode header, ByteBuffer data) {
    static WrittenWeights read(Path file) throws IOException {
        ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        byte[] header = new byte[Math.toIntExact(all.getLong())];
        all.get(header);
        return new WrittenWeights(
                JsonMapper.shared().readTree(header), all.slice().order(ByteOrder.LITTLE_ENDIAN));
    }

    String dtype(String name) {
        return header.path(name).path("dtype").asString();
    }

    List<Long> shape(String name) {
        return StreamSupport.stream(header.path(name).path("shape").spliterator(), false)
                .map(JsonNode::asLong)
                .toList();
    }

    byte[] bytes(String name) {
        JsonNode place = header.path(name).path("data_offsets");
        byte[] bytes = new byte[place.get(1).asInt() - place.get(0).asInt()];
        data.get(place.get(0).asInt(), bytes);
        return bytes;
    }

    float[] floats(String name) {
        ByteBuffer bytes = ByteBuffer.wrap(bytes(name)).order(ByteOrder.LITTLE_ENDIAN);
        float[] floats = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(floats);
        return floats;
    }
}
