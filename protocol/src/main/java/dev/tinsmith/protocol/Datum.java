package dev.tinsmith.protocol;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/// One example: what the model reads, and what the loss needs beside it, by name.
public record Datum(ModelInput modelInput, SortedMap<String, TensorData> lossFnInputs) {
    public Datum {
        lossFnInputs = Collections.unmodifiableSortedMap(new TreeMap<>(lossFnInputs));
    }
}
