package seer.model.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.Pooling;
import seer.model.attention.SelectionRule;

/// Memory that belongs to somebody: it holds what was put there, and is gone with its owner.
abstract class ArenaFacts extends BackendFacts {

    private static void refused(String sentence, Executable use) {
        var e = assertThrows(IllegalStateException.class, use);
        assertEquals(sentence, e.getMessage());
    }

    @Test
    void tensorsComeBackAsTheyWere() {
        float[] values = new Draw(1).normal(5000);
        Tensor tensor = arena.upload(values, 10, 500);
        Tensor zero = arena.allocate(5, 7);
        values[0] = Float.NaN; // a copy was taken
        assertArrayEquals(new float[35], zero.download());
        values[0] = new Draw(1).normal(1)[0];
        assertArrayEquals(values, tensor.download());
        assertEquals(ElementType.F32, tensor.type());
        assertEquals(0, arena.allocate(3, 0).download().length);
    }

    @Test
    void weightsOfEveryTypeAreWidened() {
        float[] values = new Draw(4).normal(300);
        Tensor vector = arena.vector(Draw.weights(values, 300));
        assertArrayEquals(values, vector.download());
        float[] rounded = new float[300];
        for (int i = 0; i < 300; i++) {
            rounded[i] = Float.intBitsToFloat(Float.floatToRawIntBits(values[i]) & 0xFFFF_0000);
        }
        assertArrayEquals(rounded, arena.vector(Draw.halves(values, 300)).download());
        Matrix table = arena.matrix(List.of(Draw.halves(values, 30, 10)));
        Tensor x = arena.allocate(30, 10);
        int[] all = new int[30];
        Arrays.setAll(all, i -> i);
        backend.embed(table, all, 0, 30, x);
        assertArrayEquals(rounded, x.download());
    }

    @Test
    void whatIsUsedAfterItsOwnerClosedIsNamed() {
        Arena session = backend.arena("its session", 0);
        Tensor x = session.upload(new float[8], 1, 2, 4);
        KeyValueCache cache = session.cache(1, 2, 4);
        Matrix w = session.matrix(List.of(Draw.weights(new float[16], 4, 4)));
        assertTrue(session.bytes() > 0);
        session.close();
        session.close();
        assertFalse(session.isOpen());
        assertEquals(0, session.bytes());
        Tensor own = arena.allocate(1, 2, 4);
        Tensor row = arena.allocate(2, 4);
        refused("a tensor is used after its session was closed", x::download);
        refused("x is used after its session was closed",
                () -> backend.pool(x, 0, 2, 2, List.of(Pooling.AVG), own, 0));
        refused("pooled is used after its session was closed",
                () -> backend.pool(own, 0, 2, 2, List.of(Pooling.AVG), x, 0));
        refused("the cache is used after its session was closed", () -> backend.attendOne(own, 0, cache, row));
        refused("w is used after its session was closed", () -> backend.addProjected(row, 1, w, row));
        refused("an arena is used after its session was closed", () -> session.allocate(4));
        refused("its prompt wants memory after its session was closed", () -> session.within("its prompt"));
    }

    @Test
    void arenasWithinCloseWithTheOuterOne() {
        Arena outer = backend.arena("its session", 0);
        Arena prompt = outer.within("its prompt");
        Tensor x = prompt.upload(new float[] {1, 2}, 2);
        Tensor y = outer.upload(new float[] {3}, 1);
        prompt.close();
        refused("a tensor is used after its prompt was closed", x::download);
        assertArrayEquals(new float[] {3}, y.download());
        Tensor later = outer.within("its prompt").upload(new float[] {4}, 1);
        assertArrayEquals(new float[] {4}, later.download());
        outer.close();
        refused("a tensor is used after its session was closed", later::download);
    }

    @Test
    void otherArenasDoNotNotice() {
        Arena first = backend.arena("the first", 0);
        Arena second = backend.arena("the second", 0);
        Tensor x = second.upload(new float[] {1, 2}, 1, 2);
        Tensor y = first.upload(new float[] {3, 4}, 1, 2);
        Matrix w = second.matrix(List.of(Draw.weights(new float[] {1, 0, 0, 1}, 2, 2)));
        backend.addProjected(y, 1, w, x);
        first.close();
        assertArrayEquals(new float[] {4, 6}, x.download());
        backend.addProjected(x, 1, w, x);
        second.close();
        assertArrayEquals(new float[2], arena.allocate(2).download());
    }

    @Test
    void theListsOfAMaskGoWithItAndItsNumberWithItsArena() {
        Arena prompt = backend.arena("its prompt", 0);
        Tensor q = prompt.upload(new Draw(2).normal(40), 1, 5, 8);
        BlockMask mask = backend.select(q, q, 0, 5, 5, 4, 1, new SelectionRule.TopBlocks(0.5), ForcedBlocks.NONE,
                prompt);
        mask.close();
        mask.close();
        long kept = backend.kept(List.of(mask))[0];
        assertTrue(kept >= 5, "kept: " + kept);
        assertEquals(kept, mask.kept());
        prompt.close();
        mask.close();
        refused("the mask's memory is used after its prompt was closed", () -> backend.select(arena.allocate(1, 5, 8),
                arena.allocate(1, 5, 8), 0, 5, 5, 4, 1, new SelectionRule.TopBlocks(0.5), ForcedBlocks.NONE, prompt));
    }

    @Test
    void anArenaOfAnotherBackendIsRefused() {
        try (Backend other = open()) {
            Tensor foreign = other.arena("another", 0).allocate(1, 2, 4);
            Tensor own = arena.allocate(1, 2, 4);
            var e = assertThrows(IllegalArgumentException.class,
                    () -> backend.pool(own, 0, 2, 2, List.of(Pooling.AVG), foreign, 0));
            assertTrue(e.getMessage().startsWith("pooled is another backend's"), e.getMessage());
        }
    }

    @Test
    void aClosedBackendSaysSo() {
        Backend other = open();
        Arena session = other.arena("its session", 0);
        Tensor x = session.allocate(4);
        other.close();
        other.close();
        String name = other.info().backend().equals("cpu") ? "the cpu backend" : "the tornado backend";
        refused("a tensor is used after " + name + " was closed", x::download);
        refused("its session wants memory after " + name + " was closed", () -> other.arena("its session", 0));
    }
}
