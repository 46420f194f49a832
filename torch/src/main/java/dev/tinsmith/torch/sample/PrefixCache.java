package dev.tinsmith.torch.sample;

import dev.tinsmith.engine.Tokens;
import dev.tinsmith.torch.attention.KvSlab;
import dev.tinsmith.torch.lora.Adaptation;
import dev.tinsmith.torch.nn.Decoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;

/// The keys and values of how earlier prompts began, so that a prompt which begins as one of them
/// is computed only from where it goes its own way. To the bit, nothing else changes.
///
/// A tree of blocks of tokens for each base and adapter, neither of which ever changes. Blocks that
/// were used least recently go first, and none before those that continue it.
final class PrefixCache implements AutoCloseable {
    /// Tokens of a block.
    static final int BLOCK = 32;

    private final long limit;
    private final Map<Model, Map<Tokens, Node>> roots = new HashMap<>();

    /// Least recently used first; a node always comes after those that continue it.
    private final SequencedSet<Node> byUse = new LinkedHashSet<>();

    private long bytes;

    /// @param limit how many bytes it may hold; 0: nothing is kept
    PrefixCache(long limit) {
        this.limit = limit;
    }

    /// Whose keys and values: those of a base, changed by an adapter.
    record Model(Decoder decoder, Adaptation adaptation) {}

    /// Puts what is known of a prompt's beginning into the first slot of `desk`.
    ///
    /// @param most how many tokens may come from here
    /// @return how many did
    int read(Model model, Tokens prompt, int most, KvSlab desk) {
        List<Node> path = path(model, prompt, most / BLOCK);
        for (int block = 0; block < path.size(); block++) {
            desk.put(block * BLOCK, path.get(block).block);
        }
        touch(path);
        return path.size() * BLOCK;
    }

    /// Keeps what lies in the first slot of `desk`, as far as there is room.
    void keep(Model model, Tokens prompt, KvSlab desk) {
        int blocks = prompt.length() / BLOCK;
        List<Node> path = path(model, prompt, blocks);
        touch(path);
        Map<Tokens, Node> next =
                path.isEmpty()
                        ? roots.computeIfAbsent(model, _ -> new HashMap<>())
                        : path.getLast().next;
        long size = desk.bytes(BLOCK);
        while (path.size() < blocks && makeRoom(size, path)) {
            int from = path.size() * BLOCK;
            Node node = new Node(next, tokens(prompt, from), desk.copy(from, BLOCK), size);
            next.put(node.tokens, node);
            bytes += size;
            path.add(node);
            next = node.next;
        }
        touch(path);
    }

    /// Frees what was used least recently, but nothing of `path`.
    ///
    /// @return whether there is room
    private boolean makeRoom(long size, List<Node> path) {
        while (bytes + size > limit) {
            Optional<Node> oldest = byUse.stream().findFirst().filter(node -> !path.contains(node));
            if (oldest.isEmpty()) {
                return false;
            }
            drop(oldest.get());
        }
        return true;
    }

    private void drop(Node node) {
        byUse.remove(node);
        node.siblings.remove(node.tokens);
        node.block.close();
        bytes -= node.size;
    }

    private List<Node> path(Model model, Tokens prompt, int blocks) {
        List<Node> path = new ArrayList<>();
        Map<Tokens, Node> next = roots.getOrDefault(model, Map.of());
        while (path.size() < blocks) {
            Optional<Node> node =
                    Optional.ofNullable(next.get(tokens(prompt, path.size() * BLOCK)));
            if (node.isEmpty()) {
                break;
            }
            path.add(node.get());
            next = node.get().next;
        }
        return path;
    }

    private static Tokens tokens(Tokens prompt, int from) {
        int[] tokens = new int[BLOCK];
        Arrays.setAll(tokens, place -> prompt.at(from + place));
        return Tokens.of(tokens);
    }

    /// They are in use now, the last one least.
    private void touch(List<Node> path) {
        for (Node node : path.reversed()) {
            byUse.remove(node);
            byUse.add(node);
        }
    }

    /// Frees what belongs to an adapter that nobody asks for any more.
    void forget(Adaptation adaptation) {
        roots.entrySet()
                .removeIf(root -> {
                    boolean goes = root.getKey().adaptation() == adaptation;
                    if (goes) {
                        free(root.getValue().values());
                    }
                    return goes;
                });
    }

    private void free(Iterable<Node> nodes) {
        for (Node node : nodes) {
            free(node.next.values());
            byUse.remove(node);
            node.block.close();
            bytes -= node.size;
        }
    }

    /// How many bytes it holds.
    long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        roots.values().forEach(root -> free(root.values()));
        roots.clear();
    }

    /// One block of a text, and the blocks that were seen after it.
    private static final class Node {
        private final Map<Tokens, Node> siblings;
        private final Map<Tokens, Node> next = new HashMap<>();
        private final Tokens tokens;
        private final KvSlab.Block block;
        private final long size;

        /// @param siblings where it is found
        Node(Map<Tokens, Node> siblings, Tokens tokens, KvSlab.Block block, long size) {
            this.siblings = siblings;
            this.tokens = tokens;
            this.block = block;
            this.size = size;
        }
    }
}
