package dev.tinsmith.torch.adapter;

import dev.tinsmith.torch.lora.Adaptation;
import dev.tinsmith.torch.nn.Decoder;
import dev.tinsmith.torch.ops.Dtype;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Adapters read from folders that never change, so that those in use, and those used last, need
/// not be read again.
public final class AdapterCache implements AutoCloseable {
    private final int idle;
    private final Consumer<Adaptation> gone;
    private final Map<Key, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    /// @param idle how many that nobody uses may stay, as long as their folders do
    /// @param gone told of each that does not stay
    public AdapterCache(int idle, Consumer<Adaptation> gone) {
        this.idle = idle;
        this.gone = gone;
    }

    /// The adapter in `folder`, which the caller gives back when done with it.
    public Lease lease(Decoder decoder, Path folder) {
        Key key = new Key(decoder, folder);
        Entry entry =
                Optional.ofNullable(entries.get(key))
                        .orElseGet(() -> {
                            Entry fresh = entry(decoder, folder);
                            entries.put(key, fresh);
                            return fresh;
                        });
        entry.users++;
        return new Lease(entry.adaptation, () -> giveBack(entry));
    }

    /// An adapter on loan.
    ///
    /// @param giveBack to be called once
    public record Lease(Adaptation adaptation, Runnable giveBack) {}

    /// Reads the adapter in `folder`; the caller owns it.
    public static Adapter read(Decoder decoder, Path folder) {
        AdapterLayout layout = new AdapterLayout(decoder.spec(), AdapterFiles.lora(folder));
        return Adapter.of(layout, AdapterFiles.values(folder, layout), decoder.dtype());
    }

    private static Entry entry(Decoder decoder, Path folder) {
        Adapter adapter = read(decoder, folder);
        if (decoder.dtype() != Dtype.BF16) {
            return new Entry(adapter.factors(), adapter::close);
        }
        try (adapter) {
            SampledAdapter sampled = new SampledAdapter(adapter);
            return new Entry(sampled, sampled::close);
        }
    }

    private void giveBack(Entry entry) {
        entry.users--;
        entries.entrySet()
                .removeIf(each ->
                        each.getValue().users == 0
                                && Files.notExists(each.getKey().folder())
                                && freed(each.getValue()));
        long unused = entries.values().stream().filter(each -> each.users == 0).count();
        Iterator<Entry> oldestFirst = entries.values().iterator();
        while (unused > idle) {
            Entry next = oldestFirst.next();
            if (next.users == 0 && freed(next)) {
                oldestFirst.remove();
                unused--;
            }
        }
    }

    private boolean freed(Entry entry) {
        gone.accept(entry.adaptation);
        entry.free.run();
        return true;
    }

    @Override
    public void close() {
        entries.values().forEach(entry -> entry.free.run());
        entries.clear();
    }

    private record Key(Decoder decoder, Path folder) {}

    private static final class Entry {
        private final Adaptation adaptation;
        private final Runnable free;
        private int users;

        Entry(Adaptation adaptation, Runnable free) {
            this.adaptation = adaptation;
            this.free = free;
        }
    }
}
