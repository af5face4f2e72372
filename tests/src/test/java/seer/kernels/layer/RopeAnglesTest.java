package seer.kernels.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/// Cosines and sines of angles in units of 2^-32 of a turn.
class RopeAnglesTest {

    private static void check(int turn) {
        double angle = turn * (2 * Math.PI / (1L << 32));
        assertEquals(Math.cos(angle), Rope.cosine(turn), 0x1p-22, "cosine of " + turn);
        assertEquals(Math.sin(angle), Rope.sine(turn), 0x1p-22, "sine of " + turn);
    }

    @Test
    void theyAreRightAllAroundTheTurn() {
        for (long turn = Integer.MIN_VALUE; turn <= Integer.MAX_VALUE; turn += 104_729) {
            check((int) turn);
        }
    }

    @Test
    void theyAreRightAtTheEndsOfQuarters() {
        for (int eighth = -4; eighth < 4; eighth++) {
            for (int near = -2; near <= 2; near++) {
                check((eighth << 29) + near);
            }
        }
    }
}
