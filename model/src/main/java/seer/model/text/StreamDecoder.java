package seer.model.text;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/// Decodes tokens one by one, as they are generated.
///
/// A character may be spread over several tokens; its bytes are held back until it is whole, so the
/// pieces put together are what [Tokenizer#decode] gives for all tokens at once.
public final class StreamDecoder {
    private final Tokenizer tokenizer;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    /// The bytes held back: at most the first three of a character.
    private byte[] held = {};
    /// Whether a token has come that stands for something.
    private boolean begun;

    public StreamDecoder(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /// The text that is whole with this token; often empty in scripts of many bytes per character.
    public String add(int id) {
        byte[] bytes = tokenizer.bytes(id);
        byte[] now = begun ? bytes : tokenizer.firstBytes(id);
        begun |= bytes.length > 0;
        return decode(now, false);
    }

    /// What was still held back, as U+FFFD; afterwards the decoder is as new.
    public String finish() {
        begun = false;
        return decode(new byte[0], true);
    }

    private String decode(byte[] bytes, boolean last) {
        ByteBuffer in = ByteBuffer.allocate(held.length + bytes.length).put(held).put(bytes).flip();
        CharBuffer out = CharBuffer.allocate(in.remaining() + 1);
        decoder.decode(in, out, last);
        held = new byte[in.remaining()];
        in.get(held);
        if (last) {
            decoder.flush(out);
            decoder.reset();
        }
        return out.flip().toString();
    }
}
