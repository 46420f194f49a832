package dev.tinsmith.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/// The Hugging Face Hub's words for a model's files.
public final class Hub {
    private Hub() {}

    /// A model, and the files it has.
    ///
    /// @param sha of the commit, 40 hexadecimal digits
    public record Model(
            String id,
            @JsonProperty("modelId") String modelId,
            String sha,
            @JsonProperty("private") boolean isPrivate,
            boolean gated,
            boolean disabled,
            List<String> tags,
            List<Sibling> siblings) {}

    /// One file, by its name.
    public record Sibling(String rfilename) {}

    /// One file, in a listing of a folder.
    ///
    /// @param oid the git id of its contents
    public record Entry(String type, String path, long size, String oid) {}

    /// Something is not there.
    public record Missing(String error) {}
}
