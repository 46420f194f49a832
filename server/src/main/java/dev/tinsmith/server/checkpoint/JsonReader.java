package dev.tinsmith.server.checkpoint;

import dev.tinsmith.server.checkpoint.JsonObject.Value;

/// Reads a [JsonObject], letter by letter.
final class JsonReader {
    private static final int MAX_DEPTH = 8;
    private static final String ESCAPES = "\"\\/ntrbf";
    private static final String ESCAPED = "\"\\/\n\t\r\b\f";

    private final String text;
    private int at;
    private int depth;

    JsonReader(String text) {
        this.text = text;
    }

    JsonObject whole() {
        JsonObject object = object();
        skipBlanks();
        if (at < text.length()) {
            throw broken("nothing more");
        }
        return object;
    }

    private JsonObject object() {
        if (++depth > MAX_DEPTH) {
            throw broken("fewer objects in each other");
        }
        JsonObject object = new JsonObject();
        expect('{');
        if (!skip('}')) {
            do {
                String name = quoted();
                expect(':');
                object.with(name, value());
            } while (skip(','));
            expect('}');
        }
        depth--;
        return object;
    }

    private Value value() {
        char first = peek();
        if (first == '"') {
            return new Value.Text(quoted());
        }
        if (first == '{') {
            return new Value.Nested(object());
        }
        return first == 't' || first == 'f' ? new Value.Truth(truth()) : new Value.Whole(number());
    }

    private boolean truth() {
        boolean truth = text.startsWith("true", at);
        if (!truth && !text.startsWith("false", at)) {
            throw broken("true or false");
        }
        at += truth ? 4 : 5;
        return truth;
    }

    private long number() {
        int start = at;
        while (at < text.length() && "-0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        try {
            return Long.parseLong(text.substring(start, at));
        } catch (NumberFormatException _) {
            throw broken("a whole number");
        }
    }

    private String quoted() {
        expect('"');
        StringBuilder read = new StringBuilder();
        while (next() != '"') {
            char letter = text.charAt(at++);
            read.append(letter == '\\' ? escaped() : letter);
        }
        at++;
        return read.toString();
    }

    private char escaped() {
        char letter = next();
        at++;
        if (letter == 'u') {
            return unicode();
        }
        int known = ESCAPES.indexOf(letter);
        if (known < 0) {
            throw broken("an escape that JSON knows");
        }
        return ESCAPED.charAt(known);
    }

    private char unicode() {
        try {
            char letter = (char) Integer.parseInt(text, at, at + 4, 16);
            at += 4;
            return letter;
        } catch (NumberFormatException | IndexOutOfBoundsException _) {
            throw broken("four hex digits");
        }
    }

    private void expect(char letter) {
        if (!skip(letter)) {
            throw broken("'%s'".formatted(letter));
        }
    }

    private boolean skip(char letter) {
        boolean there = peek() == letter;
        if (there) {
            at++;
        }
        return there;
    }

    private char peek() {
        skipBlanks();
        return next();
    }

    private void skipBlanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private char next() {
        if (at >= text.length()) {
            throw broken("more");
        }
        return text.charAt(at);
    }

    private IllegalArgumentException broken(String expected) {
        return new IllegalArgumentException(
                "this is no JSON of ours: expected %s at letter %d".formatted(expected, at));
    }
}
