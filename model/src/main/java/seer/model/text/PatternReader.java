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
            String text = json.requireString("String");
            if (!text.isEmpty()) {
                return new TextPattern.Literal(text);
            }
        }
        String regex = json.has("String") ? "" : json.requireString("Regex"); // no text is found everywhere
        return WordScanner.of(regex).orElseGet(() -> OnigurumaPattern.compile(regex,
                got -> json.wrongInFull("Regex", "a regular expression", got)));
    }
}
