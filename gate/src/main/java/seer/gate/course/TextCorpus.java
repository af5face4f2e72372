package seer.gate.course;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import seer.model.text.Tokenizer;

/// A training text: documents in the order of their names, as tokens, packed end to end.
///
/// @param tokens      of all documents, each followed by the separator where there is one
/// @param documents   their number
/// @param label       where they came from
/// @param fingerprint SHA-256 of the tokens, in hex
public record TextCorpus(int[] tokens, int documents, String label, String fingerprint)
        implements Serializable {

    /// Reads files, folders of `.txt` files and `.tar.xz` archives of them.
    ///
    /// @param separator token between documents, negative for none
    /// @throws IllegalArgumentException naming the path that is missing, empty or no text
    public static TextCorpus read(List<Path> paths, Tokenizer tokenizer, int separator) {
        record Document(String name, int[] tokens) { }
        var documents = new ArrayList<Document>();
        for (Path path : paths) {
            int before = documents.size();
            TextFiles.forEach(path, (name, text) -> documents.add(new Document(name, tokenizer.encodeOrdinary(text))));
            if (documents.size() == before) {
                throw new IllegalArgumentException(path + " has no text, wanted a text file, a folder with .txt files "
                        + "or a .tar.xz archive of them");
            }
        }
        documents.sort(Comparator.comparing(Document::name));
        int extra = separator < 0 ? 0 : 1;
        long size = documents.stream().mapToLong(document -> document.tokens().length + extra).sum();
        if (size > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("the texts have " + size + " tokens, wanted at most "
                    + (Integer.MAX_VALUE - 8));
        }
        var tokens = new int[(int) size];
        int at = 0;
        for (Document document : documents) {
            System.arraycopy(document.tokens(), 0, tokens, at, document.tokens().length);
            at += document.tokens().length + extra;
            if (extra == 1) {
                tokens[at - 1] = separator;
            }
        }
        String label = String.join(", ", paths.stream().map(path -> path.getFileName().toString()).toList());
        return new TextCorpus(tokens, documents.size(), label, sha256(tokens));
    }

    /// The same, from `kept` if the tokens of the same files by the same tokenizer stand there, as they do where a
    /// training goes on; else they are encoded and put there. Encoding takes minutes where reading takes a second.
    ///
    /// @throws MalformedModelException if `kept` is there and broken
    public static TextCorpus kept(Path kept, List<Path> paths, Tokenizer tokenizer, Path tokenizerFile,
                                  int separator) {
        String source = source(paths, tokenizerFile, separator);
        var there = TokenFile.read(kept, source);
        if (there != null) {
            return there;
        }
        var corpus = read(paths, tokenizer, separator);
        TokenFile.write(kept, corpus, source);
        return corpus;
    }

    /// What the tokens are made of, as a hash: files, tokenizer, separator.
    private static String source(List<Path> paths, Path tokenizerFile, int separator) {
        var digest = digest();
        digest.update(Integer.toString(separator).getBytes(StandardCharsets.UTF_8));
        TextFiles.digest(tokenizerFile, digest);
        paths.forEach(path -> TextFiles.digest(path, digest));
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /// The hash of tokens, in hex.
    public static String sha256(int[] tokens) {
        var digest = digest();
        var bytes = ByteBuffer.allocate(1 << 16);
        for (int token : tokens) {
            if (bytes.remaining() < Integer.BYTES) {
                digest.update(bytes.flip());
                bytes.clear();
            }
            bytes.putInt(token);
        }
        digest.update(bytes.flip());
        return HexFormat.of().formatHex(digest.digest());
    }
}
