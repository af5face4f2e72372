package seer.model.backend;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.provider.Arguments;
import seer.support.Close;

/// Facts that hold for every backend; a subclass says which one they are held against.
///
/// What a fact wants to be equal to the last bit is equal on every backend; what it wants close is as close as the
/// subclass's [#tolerance()].
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class BackendFacts {
    protected Backend backend;
    /// What a fact computes with.
    protected Arena arena;

    /// The backend to look at; closed here.
    protected abstract Backend open();

    /// Roundings of a 32-bit float that a term may be off, as against the best of orders.
    protected double tolerance() {
        return 1;
    }

    /// Rows of the longest case: fewer where each costs milliseconds.
    protected int longest() {
        return Integer.MAX_VALUE;
    }

    /// Whether every combination of shapes is tried: not where each is compiled first.
    protected boolean thorough() {
        return true;
    }

    @BeforeAll
    void openBackend() {
        backend = open();
    }

    @BeforeEach
    void openArena() {
        arena = backend.arena("the fact", 0);
    }

    @AfterEach
    void closeArena() {
        arena.close();
    }

    @AfterAll
    void closeBackend() {
        backend.close();
    }

    /// Those of the cases that are not too long; the first argument of a case is its rows.
    final Stream<Arguments> within(Arguments... cases) {
        return Arrays.stream(cases).filter(each -> (int) each.get()[0] <= longest());
    }

    final Stream<Arguments> within(int... rows) {
        return within(Arrays.stream(rows).mapToObj(Arguments::arguments).toArray(Arguments[]::new));
    }

    /// So many rows, or as many as are not too long.
    final int rows(int wanted) {
        return Math.min(wanted, longest());
    }

    final void check(String what, double got, double wanted, int reduction) {
        Close.assertRounded(wanted, got, tolerance(), reduction, what);
    }

    final void check(String what, float[] got, double[] wanted, int reduction) {
        Close.assertRounded(wanted, got, tolerance(), reduction, what);
    }

    /// A cache of `rows` keys and values, turned already: `[G, rows, D]` each.
    final KeyValueCache cache(float[] k, float[] v, int G, int rows, int D) {
        KeyValueCache cache = arena.cache(G, rows, D);
        backend.append(arena.upload(k, G, rows, D), arena.upload(v, G, rows, D), rows, null, 0, cache);
        return cache;
    }

    static double[] doubles(float[] values, int from, int to) {
        return IntStream.range(from, to).mapToDouble(i -> values[i]).toArray();
    }

    static float[] floats(double[] values) {
        var result = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = (float) values[i];
        }
        return result;
    }
}
