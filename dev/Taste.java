import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The habits that only counting can check: `java dev/Taste.java [directory]`.
///
/// Prints each number with the bar it is held to; exits 1 if a bar that binds is missed.
private static final int MAX_FILE = 400;
private static final int MAX_METHOD = 60;
private static final int LONG_METHOD = 40;
private static final int MAX_PACKAGE_DEPTH = 4;
private static final int MAX_PACKAGE_FILES = 16;
private static final int MAX_README = 120;

/// Words that do not occur in `src/main`, and what to do instead.
private static final Map<String, String> BANNED =
        new TreeMap<>(
                Map.of(
                        "\\bThreadLocal\\b", "use a parameter or a ScopedValue",
                        "\\bServiceLoader\\b", "wire it by hand",
                        "\\bClass\\.forName\\b", "name the class",
                        "enable-preview|jdk\\.incubator", "final features only",
                        "\\bthenApply\\(|\\bthenCompose\\(|\\bsupplyAsync\\(", "block on a virtual thread",
                        "org\\.mockito", "write a small double",
                        "\\bTODO\\b|\\bFIXME\\b", "do it, or write an issue",
                        "new RuntimeException\\(", "throw an exception that says whose turn it is"));

private final List<String> failures = new ArrayList<>();

void main(String[] arguments) throws IOException {
    Path root = Path.of(arguments.length > 0 ? arguments[0] : ".");
    List<Source> sources = sources(root);
    List<Source> main = sources.stream().filter(source -> source.in("/src/main/java/")).toList();
    List<Source> tests = sources.stream().filter(source -> source.in("/src/test/java/")).toList();

    fileLengths(main);
    methodLengths(main);
    packages(main);
    hiddenTypes(main);
    comments(main);
    tests(main, tests);
    bannedWords(main);
    allowed(main, root, "null", Pattern.compile("\\bnull\\b"));
    allowed(main, root, "default", Pattern.compile("\\bdefault ->"));
    readme(root);

    failures.forEach(failure -> IO.println("✘ " + failure));
    if (!failures.isEmpty()) {
        System.exit(1);
    }
}

void fileLengths(List<Source> main) {
    List<Integer> lengths = main.stream().map(source -> source.lines().size()).sorted().toList();
    say("file lines, median", at(lengths, 0.5), "≤ 80");
    say("file lines, p90", at(lengths, 0.9), "≤ 230");
    say("file lines, longest", lengths.getLast(), "≤ " + MAX_FILE);
    main.stream()
            .filter(source -> source.lines().size() > MAX_FILE)
            .forEach(source -> failures.add(source + " is over %d lines".formatted(MAX_FILE)));
}

void methodLengths(List<Source> main) {
    List<Method> methods = main.stream().flatMap(source -> source.methods().stream()).toList();
    long overlong = methods.stream().filter(method -> method.lines() > LONG_METHOD).count();
    say("methods", methods.size(), "");
    say(
            "methods over %d lines".formatted(LONG_METHOD),
            percent(overlong, methods.size()) + " %",
            "≤ 2 %");
    methods.stream()
            .filter(method -> method.lines() > MAX_METHOD)
            .forEach(
                    method ->
                            failures.add(
                                    "%s has %d lines".formatted(method.name(), method.lines())));
}

void packages(List<Source> main) {
    Map<String, Long> rooms =
            main.stream()
                    .filter(source -> !source.named("package-info.java"))
                    .collect(
                            Collectors.groupingBy(
                                    Source::room, TreeMap::new, Collectors.counting()));
    say("packages", rooms.size(), "");
    rooms.forEach(
            (room, files) -> {
                if (room.split("\\.").length > MAX_PACKAGE_DEPTH) {
                    failures.add("package %s is deeper than %d".formatted(room, MAX_PACKAGE_DEPTH));
                }
                if (files > MAX_PACKAGE_FILES) {
                    failures.add("package %s holds %d files; split it".formatted(room, files));
                }
            });
}

void hiddenTypes(List<Source> main) {
    for (String module : List.of("server", "torch")) {
        List<Source> here =
                main.stream()
                        .filter(source -> source.in("/%s/src/main/java/".formatted(module)))
                        .filter(source -> !source.named("package-info.java"))
                        .toList();
        long hidden = here.stream().filter(source -> !source.isPublic()).count();
        say(module + ": types not public", percent(hidden, here.size()) + " %", "≥ 40 %");
    }
}

void comments(List<Source> main) {
    long all = main.stream().mapToLong(source -> source.lines().size()).sum();
    long comments =
            main.stream()
                    .flatMap(source -> source.lines().stream())
                    .filter(line -> line.strip().startsWith("//"))
                    .count();
    say("main lines", all, "");
    say("comments", percent(comments, all) + " %", "10–25 %");
}

void tests(List<Source> main, List<Source> tests) {
    double mainLines = main.stream().mapToLong(source -> source.lines().size()).sum();
    double testLines = tests.stream().mapToLong(source -> source.lines().size()).sum();
    say("test ÷ main lines", "%.2f".formatted(testLines / mainLines), "0.8–1.3");
    Pattern prefix = Pattern.compile("void test[A-Z]");
    for (Source source : tests) {
        if (source.lines().stream().anyMatch(line -> prefix.matcher(line).find())) {
            failures.add(source + " names a test 'test…'; say what is true instead");
        }
    }
}

void bannedWords(List<Source> main) {
    BANNED.forEach(
            (word, instead) -> {
                Pattern pattern = Pattern.compile(word);
                for (Source source : main) {
                    for (String line : source.code()) {
                        if (pattern.matcher(line).find()) {
                            failures.add("%s: '%s': %s".formatted(source, line.strip(), instead));
                        }
                    }
                }
            });
}

/// Counts `pattern` file by file against the allow-list `dev/<name>.allow`, whose lines are
/// `count path  reason`.
void allowed(List<Source> main, Path root, String name, Pattern pattern) throws IOException {
    Map<String, Integer> allowed = allowList(root.resolve("dev/" + name + ".allow"));
    int total = 0;
    for (Source source : main) {
        int found = source.count(pattern);
        total += found;
        int may = allowed.getOrDefault(source.toString(), 0);
        if (found != may) {
            failures.add(
                    "%s says '%s' %d times; dev/%s.allow says %d"
                            .formatted(source, name, found, name, may));
        }
        allowed.remove(source.toString());
    }
    allowed.keySet()
            .forEach(
                    path ->
                            failures.add(
                                    "dev/%s.allow names %s, which is not there"
                                            .formatted(name, path)));
    say("'" + name + "' in src/main", total, "as dev/" + name + ".allow says");
}

Map<String, Integer> allowList(Path file) throws IOException {
    Map<String, Integer> allowed = new TreeMap<>();
    for (String line : Files.readAllLines(file)) {
        if (!line.isBlank() && !line.startsWith("#")) {
            String[] words = line.strip().split("\\s+", 3);
            if (words.length < 3) {
                failures.add("%s: '%s' gives no reason".formatted(file.getFileName(), line));
            } else {
                allowed.put(words[1], Integer.parseInt(words[0]));
            }
        }
    }
    return allowed;
}

void readme(Path root) throws IOException {
    int lines = Files.readAllLines(root.resolve("README.md")).size();
    say("README lines", lines, "≤ " + MAX_README);
    if (lines > MAX_README) {
        failures.add("README.md has %d lines".formatted(lines));
    }
}

void say(String what, Object value, String bar) {
    IO.println("%-34s %10s   %s".formatted(what, value, bar));
}

static int at(List<Integer> sorted, double share) {
    return sorted.get((int) Math.min(sorted.size() - 1, Math.floor(share * sorted.size())));
}

static long percent(long part, long whole) {
    return whole == 0 ? 0 : Math.round(100.0 * part / whole);
}

static List<Source> sources(Path root) throws IOException {
    List<Source> sources = new ArrayList<>();
    try (Stream<Path> files = Files.walk(root)) {
        for (Path file : files.filter(path -> path.toString().endsWith(".java")).sorted().toList()) {
            String path = "/" + root.relativize(file).toString().replace('\\', '/');
            if (path.contains("/src/") && !path.contains("/target/")) {
                sources.add(new Source(path, Files.readAllLines(file)));
            }
        }
    }
    return sources;
}

record Method(String name, int lines) {}

record Source(String path, List<String> lines) {
    /// The last line of a member's signature, one or two levels deep.
    private static final Pattern METHOD =
            Pattern.compile("^( {4}| {8})[\\w@<)].*\\)( throws [\\w., ]+)? \\{$");
    private static final Pattern CONTROL =
            Pattern.compile(
                    "^\\s*(if|for|while|switch|try|else|do|catch|synchronized|return|case|new)\\b.*");

    boolean in(String part) {
        return path.contains(part);
    }

    boolean named(String name) {
        return path.endsWith("/" + name);
    }

    String room() {
        return path.replaceAll(".*/src/main/java/", "")
                .replaceAll("/[^/]+$", "")
                .replace('/', '.');
    }

    boolean isPublic() {
        return lines.stream()
                .anyMatch(
                        line ->
                                line.matches(
                                        "public .*\\b(class|record|interface|enum|@interface)\\b.*"));
    }

    /// The lines without comments and without what stands in quotes.
    List<String> code() {
        return lines.stream()
                .filter(line -> !line.strip().startsWith("//"))
                .map(line -> line.replaceAll("\"(\\\\.|[^\"\\\\])*\"", "\"\""))
                .map(line -> line.replaceAll("//.*", ""))
                .toList();
    }

    int count(Pattern pattern) {
        return (int) code().stream().flatMap(line -> pattern.matcher(line).results()).count();
    }

    /// Found by indentation, which the formatter keeps honest.
    List<Method> methods() {
        List<Method> found = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (!METHOD.matcher(line).matches() || CONTROL.matcher(line).matches()) {
                continue;
            }
            String indent = line.substring(0, line.length() - line.stripLeading().length());
            int end = i + 1;
            while (end < lines.size() && !lines.get(end).equals(indent + "}")) {
                end++;
            }
            if (end < lines.size()) {
                found.add(new Method("%s:%d".formatted(this, i + 1), end - i - 1));
            }
        }
        return found;
    }

    @Override
    public String toString() {
        return path.substring(1);
    }
}
