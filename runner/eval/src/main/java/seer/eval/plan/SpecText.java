package seer.eval.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import seer.model.load.Quoted;

/// How specifications are written: `WORD:KEY=VALUE,KEY=VALUE`. A comma or backslash in a value has a backslash before
/// it, so that a value may be anything, another specification too.
final class SpecText {
    private final String written;
    private final String word;
    private final Map<String, List<String>> fields = new LinkedHashMap<>();

    private SpecText(String written, String word) {
        this.written = written;
        this.word = word;
    }

    /// One to be filled by [#with].
    static SpecText of(String word) {
        return new SpecText("", word);
    }

    /// Reads what [#print] wrote.
    ///
    /// @throws IllegalArgumentException quoting the field that is none
    static SpecText parse(String text) {
        int colon = text.indexOf(':');
        var spec = new SpecText(text, colon < 0 ? text : text.substring(0, colon));
        for (String field : colon < 0 ? List.<String>of() : parts(text.substring(colon + 1))) {
            int equals = field.indexOf('=');
            if (equals < 1) {
                throw spec.wrong("\"" + Quoted.of(field) + "\" is no field, wanted KEY=VALUE");
            }
            spec.with(field.substring(0, equals), field.substring(equals + 1));
        }
        return spec;
    }

    /// The fields, without the backslashes.
    private static List<String> parts(String text) {
        var parts = new ArrayList<String>();
        var part = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == ',') {
                parts.add(part.toString());
                part.setLength(0);
            } else {
                i += c == '\\' && i + 1 < text.length() ? 1 : 0;
                part.append(text.charAt(i));
            }
        }
        parts.add(part.toString());
        return parts;
    }

    /// Adds a field; a key may come several times.
    SpecText with(String key, Object value) {
        fields.computeIfAbsent(key, each -> new ArrayList<>()).add(value.toString());
        return this;
    }

    String print() {
        var text = new ArrayList<String>();
        fields.forEach((key, values) -> values.forEach(value ->
                text.add(key + "=" + value.replace("\\", "\\\\").replace(",", "\\,"))));
        return word + ":" + String.join(",", text);
    }

    /// What stands before the fields.
    String word() {
        return word;
    }

    /// Takes the values of a key away.
    List<String> all(String key) {
        var values = fields.remove(key);
        return values == null ? List.of() : values;
    }

    /// Takes a field away that has to be there once.
    String one(String key) {
        var values = all(key);
        if (values.size() != 1) {
            throw wrong("wanted " + key + " once, got it " + values.size() + " times");
        }
        return values.getFirst();
    }

    int whole(String key) {
        return (int) within(key, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    long number(String key) {
        return within(key, Long.MIN_VALUE, Long.MAX_VALUE);
    }

    private long within(String key, long least, long most) {
        String value = one(key);
        try {
            long number = Long.parseLong(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException _) { // told below
        }
        throw wrong(key + " is \"" + Quoted.of(value) + "\", wanted a whole number from " + least + " to " + most);
    }

    boolean truth(String key) {
        String value = one(key);
        if (!value.equals("true") && !value.equals("false")) {
            throw wrong(key + " is \"" + Quoted.of(value) + "\", wanted true or false");
        }
        return value.equals("true");
    }

    /// Refuses fields that nobody took.
    void requireSpent() {
        if (!fields.isEmpty()) {
            throw wrong("\"" + Quoted.of(fields.keySet().iterator().next()) + "\" is no field of " + word);
        }
    }

    IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException("specification is \"" + Quoted.of(written) + "\": " + what);
    }
}
