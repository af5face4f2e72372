package seer.model.text;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/// Tokens that are cut out of the text before anything else happens to it, such as
/// `<|endoftext|>`: at every place the longest that fits. White space that a token
/// swallows may be the beginning of the next token all the same.
final class AddedTokens {
    /// One of them, with its flags in tokenizer.json: `special` ones are plain text on request,
    /// a `singleWord` must not touch letters or digits, `leftStrip` and `rightStrip` swallow the
    /// white space beside it, `normalized` ones are looked for after the text is normalised.
    record Token(int id, String content, boolean special, boolean singleWord, boolean leftStrip,
                 boolean rightStrip, boolean normalized) {
        Token with(String changed) {
            return new Token(id, changed, special, singleWord, leftStrip, rightStrip, normalized);
        }
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
    void split(Piece piece, boolean special, Consumer<Piece> between, IntConsumer found) {
        String text = piece.text();
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
                while (start > done && Characters.isSpace(text.charAt(start - 1))) {
                    start--;
                }
            }
            if (token.rightStrip) {
                while (end < text.length() && Characters.isSpace(text.charAt(end))) {
                    end++;
                }
            }
            if (start > done) {
                between.accept(piece.part(done, start));
            }
            found.accept(token.id);
            done = end;
        }
        if (done < text.length()) {
            between.accept(piece.part(done, text.length()));
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
        return (start == 0 || !Characters.isWord(text.codePointBefore(start)))
                && (end == text.length() || !Characters.isWord(text.codePointAt(end)));
    }
}
