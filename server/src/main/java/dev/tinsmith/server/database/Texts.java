package dev.tinsmith.server.database;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// Columns that hold what a client said in its own words.
public final class Texts {
    private static final JsonMapper JSON = new JsonMapper();

    private Texts() {}

    /// As a column.
    public static String of(SortedMap<String, String> texts) {
        return JSON.writeValueAsString(texts);
    }

    /// As a column.
    public static String of(List<String> texts) {
        return JSON.writeValueAsString(texts);
    }

    /// From a column.
    public static SortedMap<String, String> map(String column) {
        return JSON.readValue(column, new TypeReference<TreeMap<String, String>>() {});
    }

    /// From a column.
    public static List<String> list(String column) {
        return JSON.readValue(column, new TypeReference<List<String>>() {});
    }
}
