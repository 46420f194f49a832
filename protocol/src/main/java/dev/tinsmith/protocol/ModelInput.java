package dev.tinsmith.protocol;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/// What a model reads: chunks of tokens, and of things that are not text.
public record ModelInput(List<Chunk> chunks) {
    public ModelInput {
        chunks = List.copyOf(chunks);
    }

    /// One stretch of it.
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = EncodedText.class, name = "encoded_text"),
        @JsonSubTypes.Type(value = Image.class, name = "image"),
        @JsonSubTypes.Type(value = ImageAssetPointer.class, name = "image_asset_pointer"),
        @JsonSubTypes.Type(value = Dmel.class, name = "dmel")
    })
    public sealed interface Chunk {
        /// What the wire calls it.
        String kind();
    }

    /// Token ids; there may be none.
    public record EncodedText(Ints tokens) implements Chunk {
        @Override
        public String kind() {
            return "encoded_text";
        }
    }

    /// A picture, here only by name.
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Image() implements Chunk {
        @Override
        public String kind() {
            return "image";
        }
    }

    /// A picture kept elsewhere, here only by name.
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record ImageAssetPointer() implements Chunk {
        @Override
        public String kind() {
            return "image_asset_pointer";
        }
    }

    /// Sound, here only by name.
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Dmel() implements Chunk {
        @Override
        public String kind() {
            return "dmel";
        }
    }
}
