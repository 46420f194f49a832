package dev.tinsmith.models.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.tinsmith.engine.format.FormatException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The tokenizer of one model folder. Many threads may ask at once; native memory is freed by
/// [#close], after which asking is an error.
public final class Tokenizer implements AutoCloseable {
    private static final String FILE = "tokenizer.json";

    /// Nothing is added, cut or padded: what comes out is the text and only the text.
    private static final Map<String, String> PLAIN =
            Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");

    static {
        // The native library lies in the jar. Offline, DJL neither looks for a CUDA build of it on
        // the network nor calls home.
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
    }

    private final HuggingFaceTokenizer rust;
    private final int vocabulary;
    private final Set<Integer> endOfText;
    private final ReentrantReadWriteLock lifetime = new ReentrantReadWriteLock();
    private boolean closed;

    private Tokenizer(HuggingFaceTokenizer rust, int vocabulary, Set<Integer> endOfText) {
        this.rust = rust;
        this.vocabulary = vocabulary;
        this.endOfText = endOfText;
    }

    /// Reads `tokenizer.json` of a model folder, and who ends a text from its configuration.
    ///
    /// @throws FormatException if a file is missing or is not what its name says
    public static Tokenizer open(Path folder) {
        byte[] definition = bytes(folder.resolve(FILE));
        int vocabulary = vocabulary(definition);
        Set<Integer> endOfText = EndOfText.read(folder);
        try {
            return new Tokenizer(
                    HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(definition), PLAIN),
                    vocabulary,
                    endOfText);
        } catch (IOException | RuntimeException refused) {
            throw new FormatException(
                    "%s is not a tokenizer that can be read (%s); take the file from the model's source again"
                            .formatted(FILE, firstLine(refused)),
                    refused);
        }
    }

    /// The ids of `text`. Special tokens written out in the text become their ids; none is added.
    /// Half a surrogate pair has no bytes, and is read as U+FFFD.
    public int[] encode(String text) {
        String whole = wellFormed(text);
        long[] ids = whileOpen(() -> rust.encode(whole, false, false).getIds());
        return LongStream.of(ids).mapToInt(Math::toIntExact).toArray();
    }

    /// The text of `ids`, special tokens spelled out. Ids that mean nothing give nothing; bytes
    /// that are not UTF-8 give U+FFFD.
    public String decode(int[] ids) {
        return decode(ids, 0, ids.length);
    }

    /// As [#decode(int[])], of the ids from `from` up to `to`, exclusive.
    String decode(int[] ids, int from, int to) {
        long[] wide = new long[to - from];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = Integer.toUnsignedLong(ids[from + i]);
        }
        return whileOpen(() -> rust.decode(wide, false));
    }

    /// One more than the largest id there is.
    public int vocabulary() {
        return vocabulary;
    }

    /// The token that ends a text: the first of [#endOfTextIds(Path)].
    public Optional<Integer> endOfText() {
        return endOfText.stream().findFirst();
    }

    /// Every token that ends a text, as `generation_config.json` says, or else `config.json`; in
    /// that file's order.
    public static Set<Integer> endOfTextIds(Path folder) {
        return EndOfText.read(folder);
    }

    @Override
    public void close() {
        lifetime.writeLock().lock();
        try {
            closed = true;
            rust.close();
        } finally {
            lifetime.writeLock().unlock();
        }
    }

    private <T> T whileOpen(Supplier<T> question) {
        lifetime.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("this tokenizer is closed");
            }
            return question.get();
        } finally {
            lifetime.readLock().unlock();
        }
    }

    private static int vocabulary(byte[] definition) {
        JsonNode root = json(FILE, definition);
        JsonNode words = root.path("model").path("vocab");
        if (!words.isContainer() || words.isEmpty()) {
            throw new FormatException(
                    FILE + " has no model.vocab; take the file from the model's source again");
        }
        // A map of ids, or, for a unigram model, a list in the order of its ids.
        int largest =
                words.isArray()
                        ? words.size() - 1
                        : words.values().stream().mapToInt(JsonNode::asInt).max().orElse(-1);
        int added =
                StreamSupport.stream(root.path("added_tokens").spliterator(), false)
                        .mapToInt(token -> token.path("id").asInt(-1))
                        .max()
                        .orElse(-1);
        return Math.max(largest, added) + 1;
    }

    static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException missing) {
            throw new FormatException(
                    "the model folder has no %s; a model folder needs one"
                            .formatted(file.getFileName()),
                    missing);
        } catch (IOException failure) {
            throw new FormatException(
                    "%s cannot be read (%s)"
                            .formatted(file.getFileName(), failure.getClass().getSimpleName()),
                    failure);
        }
    }

    static JsonNode json(String name, byte[] text) {
        try {
            return JsonMapper.shared().readTree(text);
        } catch (JacksonException broken) {
            throw new FormatException(
                    "%s is not JSON (%s); take the file from the model's source again"
                            .formatted(name, broken.getOriginalMessage()),
                    broken);
        }
    }

    private static String firstLine(Throwable failure) {
        return Optional.ofNullable(failure.getMessage())
                .flatMap(message -> message.lines().findFirst())
                .orElseGet(() -> failure.getClass().getSimpleName());
    }

    private static String wellFormed(String text) {
        boolean whole =
                text.codePoints()
                        .noneMatch(point -> Character.getType(point) == Character.SURROGATE);
        if (whole) {
            return text;
        }
        return text.codePoints()
                .map(point -> Character.getType(point) == Character.SURROGATE ? 0xFFFD : point)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
