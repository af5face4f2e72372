package seer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import seer.support.Demo;

/// Replies: what a session draws, as text, and why there is no more of it.
class ResponderTest {
    private static final int[] PROMPT = new SplittableRandom(5).ints(300, 1, 4096).toArray();

    private static Responder responder(int newTokens) {
        return new Responder(Demo.model(), BlockSelector.dense(), newTokens, Sampling.GREEDY);
    }

    /// Counts how often it is asked, and leaves after that.
    private record Leaving(AtomicInteger left, StringBuilder heard) implements ReplyListener {
        static Leaving after(int times) {
            return new Leaving(new AtomicInteger(times), new StringBuilder());
        }

        @Override
        public void text(String part) {
            assertTrue(!part.isEmpty());
            heard.append(part);
        }

        @Override
        public boolean cancelled() {
            return left.decrementAndGet() < 0;
        }
    }

    @Test
    void aReplyIsWhatASessionDraws() {
        var heard = Leaving.after(Integer.MAX_VALUE);
        var reply = responder(9).reply(PROMPT, heard);
        try (var session = Demo.model().session(400)) {
            var report = session.prefill(PrefillRequest.of(PROMPT, BlockSelector.dense()));
            assertArrayEquals(session.generate(9, Sampling.GREEDY, _ -> { }), reply.tokens());
            assertArrayEquals(report.logits(), reply.prompt().logits());
        }
        assertEquals(Demo.model().tokenizer().decode(reply.tokens()), reply.text());
        assertEquals(reply.text(), heard.heard().toString());
        assertEquals(Session.End.LIMIT, reply.end());
        assertTrue(reply.firstTokenNanos() >= reply.prompt().totalNanos());
    }

    @Test
    void whoLeavesWhileThePromptIsReadGetsNothing() {
        for (int layers : new int[] {0, Demo.model().config().layers() - 1}) {
            var reply = responder(9).reply(PROMPT, Leaving.after(layers));
            assertEquals(Session.End.CANCELLED, reply.end());
            assertEquals("", reply.text());
            assertNull(reply.prompt());
        }
    }

    @Test
    void whoLeavesLaterGetsWhatCameBefore() {
        var leaving = Leaving.after(Demo.model().config().layers() + 3);
        var reply = responder(9).reply(PROMPT, leaving);
        assertEquals(Session.End.CANCELLED, reply.end());
        assertEquals(4, reply.tokens().length);
        assertEquals(reply.text(), leaving.heard().toString());
        assertArrayEquals(Arrays.copyOf(responder(9).reply(PROMPT, _ -> { }).tokens(), 4), reply.tokens());
    }

    /// It is no sign that somebody left.
    @Test
    void aCancellationOfSomebodyElsesPasses() {
        assertThrows(CancellationException.class, () -> responder(9).reply(PROMPT, _ -> {
            throw new CancellationException();
        }));
    }

    @Test
    void theContextEndsAReply() {
        var model = Demo.model();
        try (var session = model.session(PROMPT.length + 2)) {
            session.prefill(PrefillRequest.of(PROMPT, BlockSelector.dense()));
            var three = session.continueWhile(3, Sampling.GREEDY, _ -> true);
            assertEquals(Session.End.LIMIT, three.end());
            session.prefill(PrefillRequest.of(PROMPT, BlockSelector.dense()));
            var more = session.continueWhile(4, Sampling.GREEDY, _ -> true);
            assertEquals(Session.End.CAPACITY, more.end());
            assertArrayEquals(three.tokens(), more.tokens());
        }
        var e = assertThrows(IllegalArgumentException.class, () -> responder(1).reply(new int[32_769], _ -> { }));
        assertEquals("the conversation is 32769 tokens long, the model's context is 32768", e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> responder(0));
    }
}
