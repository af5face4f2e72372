package seer.model.text;

import seer.model.load.JsonFile;

/// Reads what a step of a tokenizer.json looks for: a text as it is, or a regular expression.
final class PatternReader {
    private PatternReader() {
    }

    /// The field `pattern` of a step.
    static TextPattern read(JsonFile step) {
        JsonFile json = step.requireObject("pattern").only("String", "Regex");
        if (json.has("String")) {
            json.requireNothing("Regex", "nothing beside a String");
            return new TextPattern.Literal(json.requireString("String"));
        }
        String regex = json.requireString("Regex");
        return WordScanner.of(regex).orElseGet(() -> OnigurumaPattern.compile(regex,
                got -> json.wrongInFull("Regex", "a regular expression", got)));
    }
}
