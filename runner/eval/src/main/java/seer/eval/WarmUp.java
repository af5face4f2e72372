package seer.eval;

import java.util.Arrays;
import seer.model.BlockSelector;
import seer.model.LanguageModel;
import seer.model.PrefillRequest;
import seer.model.Session;

/// Prefills before the first one that counts: what is measured should run compiled code, whose times are those of the
/// machine.
///
/// On the processor the prompt's beginning is read in pieces, until one takes no less time than the one before it. A
/// device compiles its kernels at the first launch, whatever its size: there it is read once.
public final class WarmUp {
    /// Tokens that are read at most.
    public static final int MOST = 2048;
    private static final int PIECE = 128; // tokens
    private static final double SETTLED = 0.9; // of the time of the piece before

    private WarmUp() { }

    /// Tokens that a prompt of that length is warmed up with at most.
    public static int most(int prompt) {
        return Math.min(prompt, MOST);
    }

    /// Reads the beginning of `prompt`.
    ///
    /// @return tokens read
    public static int run(LanguageModel model, Session session, int[] prompt, BlockSelector selector) {
        int most = most(prompt.length);
        int piece = model.backend().info().backend().equals("cpu") ? Math.min(PIECE, most) : most;
        var beginning = PrefillRequest.of(Arrays.copyOf(prompt, piece), selector);
        int read = 0;
        long before = Long.MAX_VALUE;
        while (read + piece <= most) {
            long start = System.nanoTime();
            session.prefill(beginning);
            long nanos = System.nanoTime() - start;
            read += piece;
            if (nanos > SETTLED * before) {
                break;
            }
            before = nanos;
        }
        return read;
    }
}
