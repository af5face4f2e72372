package seer.model.load;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// What is wrong with text that is not JSON: the field it is in, what was wanted there and what was found.
///
/// Jackson says it in words of its own, about its own settings and classes; those that people meet are told here in the
/// words of all other complaints.
public final class JsonFault {
    /// A sentence of Jackson's, from its beginning, and what is said instead.
    private record Sentence(Pattern jackson, Function<MatchResult, String> ours) {
        Sentence(String jackson, Function<MatchResult, String> ours) {
            this(Pattern.compile(jackson, Pattern.DOTALL), ours);
        }
    }

    private static final List<Sentence> SENTENCES = List.of(
            new Sentence("Trailing token", _ -> "wanted the end, got more behind the object"),
            new Sentence("Duplicate field '(.*)'", m -> "wanted every name once, got \"" + brief(m.group(1))
                    + "\" a second time"),
            new Sentence("Non-standard token '(.*?)'", m -> "wanted a finite number, got " + m.group(1)),
            new Sentence("Unexpected end-of-input", _ -> "wanted more, got the end of the file"),
            new Sentence("Unrecognized token '(.*?)'", m -> "wanted a value, got " + brief(m.group(1))),
            new Sentence("Unexpected character \\((.*?) \\(code .*?\\)\\)(?:: (?:was )?expecting (.*))?",
                    m -> "wanted " + wanted(m.group(2)) + ", got " + m.group(1)),
            new Sentence("Unexpected close marker '(.*?)'", m -> "wanted the end or a bracket that fits, got "
                    + m.group(1)),
            new Sentence("Invalid numeric value", _ -> "wanted a number as JSON writes it, got another"),
            new Sentence("Unrecognized character escape (.*?) \\(code", m -> "wanted an escape that JSON knows, got a "
                    + "backslash before " + m.group(1)),
            new Sentence("Illegal unquoted character \\(\\((.*?)\\)\\)", m -> "wanted control characters written with "
                    + "a backslash, got one as it is: " + m.group(1)),
            new Sentence("Illegal character \\(\\((.*?)\\)\\)", m -> "wanted white space or a value, got "
                    + m.group(1)),
            new Sentence("Document nesting depth \\(\\d+\\) exceeds the maximum allowed \\((\\d+)",
                    m -> "wanted at most " + m.group(1) + " objects and lists inside each other, got more"),
            new Sentence("(Number|String|Name) (?:value )?length \\((\\d+)\\) exceeds the maximum allowed \\((\\d+)",
                    m -> "wanted a " + m.group(1).toLowerCase(Locale.ROOT) + " of at most " + m.group(3)
                            + " characters, got " + m.group(2)));
    private static final int QUOTED = 60;

    private JsonFault() { }

    /// Where in the text, as far as the parser came: `, field a.b[2]`, or nothing outside of all fields.
    public static String field(JsonProcessingException e) {
        var path = new StringBuilder();
        if (e.getProcessor() instanceof JsonParser parser) {
            for (JsonStreamContext at = parser.getParsingContext(); at != null; at = at.getParent()) {
                if (at.inArray() && at.hasCurrentIndex()) {
                    path.insert(0, "[" + at.getCurrentIndex() + "]");
                } else if (at.inObject() && at.hasCurrentName()) {
                    path.insert(0, "." + brief(at.getCurrentName()));
                }
            }
        }
        String text = path.length() > 0 && path.charAt(0) == '.' ? path.substring(1) : path.toString();
        return text.isEmpty() || text.length() > 2 * QUOTED ? "" : ", field " + text;
    }

    /// What was wanted and what was found.
    public static String complaint(JsonProcessingException e) {
        String message = String.valueOf(e.getOriginalMessage());
        for (Sentence sentence : SENTENCES) {
            var matcher = sentence.jackson().matcher(message);
            if (matcher.lookingAt()) {
                return sentence.ours().apply(matcher.toMatchResult());
            }
        }
        return "wanted JSON, got something else: " + message.replaceAll("(?s)\\R.*", "");
    }

    private static String wanted(String expecting) {
        if (expecting == null) {
            return "a value";
        }
        if (expecting.contains("comma")) {
            return "a comma or the end of the list or object";
        }
        if (expecting.contains("colon")) {
            return "a colon behind the name";
        }
        return expecting.contains("field name") ? "a name in double quotes" : "a value";
    }

    private static String brief(String text) {
        return text.length() <= QUOTED ? text : text.substring(0, QUOTED) + "...";
    }
}
