package seer.model.text;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/// Tokens that are cut out of the text before anything else happens to it, such as
/// `<|endoftext|>`: at every place the longest that fits. White space that a token
/// swallowed is gone, whereas Hugging Face may find another token in it once more.
final class AddedTokens {
    /// One of them, with its flags in tokenizer.json: `special` ones are plain text on request,
    /// a `singleWord` must not touch letters or digits, `leftStrip` and `rightStrip` swallow the
    /// white space beside it, `normalized` ones are looked for after the text is normalised.
    record Token(int id, String content, boolean special, boolean singleWord, boolean leftStrip,
                 boolean rightStrip, boolean normalized) {
    }

    /// A tree of the tokens' characters: reading the text down from the root costs the length of
    /// the token, however many there are.
    private static final class Node {
        private final Map<Character, Node> children = new HashMap<>();
        private Token token;
    }

    private final Node root = new Node();

    AddedTokens(List<Token> tokens) {
        for (Token token : tokens) {
            Node node = root;
            for (char c : token.content.toCharArray()) {
                node = node.children.computeIfAbsent(c, _ -> new Node());
            }
            node.token = token;
        }
    }

    /// Hands the tokens found and the text between them over, in order. Unless `special` ones are
    /// wanted, they stay in the text.
    void split(String text, boolean special, Consumer<String> between, IntConsumer found) {
        int done = 0;
        for (int at = 0; at < text.length(); at++) {
            Token token = longest(text, at);
            if (token == null) {
                continue;
            }
            int start = at;
            int end = at + token.content.length();
            at = end - 1;
            if (token.special && !special || token.singleWord && !standsAlone(text, start, end)) {
                continue;
            }
            if (token.leftStrip) {
                while (start > done && isSpace(text.charAt(start - 1))) {
                    start--;
                }
            }
            if (token.rightStrip) {
                while (end < text.length() && isSpace(text.charAt(end))) {
                    end++;
                }
            }
            if (start > done) {
                between.accept(text.substring(done, start));
            }
            found.accept(token.id);
            done = end;
            at = end - 1;
        }
        if (done < text.length()) {
            between.accept(text.substring(done));
        }
    }

    private Token longest(String text, int from) {
        Token token = null;
        Node node = root;
        for (int i = from; i < text.length(); i++) {
            node = node.children.get(text.charAt(i));
            if (node == null) {
                break;
            }
            token = node.token == null ? token : node.token;
        }
        return token;
    }

    private static boolean standsAlone(String text, int start, int end) {
        return (start == 0 || !isWord(text.codePointBefore(start)))
                && (end == text.length() || !isWord(text.codePointAt(end)));
    }

    /// Unicode's White_Space, all of whose characters are single chars.
    private static boolean isSpace(char c) {
        return Character.isSpaceChar(c) || c >= '\t' && c <= '\r' || c == 0x85;
    }

    /// What `\w` means in Unicode regular expressions.
    private static boolean isWord(int c) {
        return switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.COMBINING_SPACING_MARK,
                    Character.DECIMAL_DIGIT_NUMBER, Character.CONNECTOR_PUNCTUATION -> true;
            default -> Character.isAlphabetic(c) || c == 0x200C || c == 0x200D;
        };
    }
}
