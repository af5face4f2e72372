package seer.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Tests for a device alone: skipped where nobody asked for one, never in a run that was started for it.
class KernelDeviceTest {
    private static final Optional<String> NONE = Optional.of("TornadoVM finds no device");

    @Test
    void anOrdinaryRunSkipsThemWithTheReason() {
        var verdict = KernelDevice.Real.verdict(NONE, false);
        assertTrue(verdict.isDisabled());
        assertTrue(verdict.getReason().orElseThrow().startsWith(NONE.get()));
    }

    @Test
    void aRunForADeviceFailsWithoutOne() {
        var e = assertThrows(IllegalStateException.class, () -> KernelDevice.Real.verdict(NONE, true));
        assertEquals("these tests were started for a device: " + NONE.get(), e.getMessage());
    }

    @Test
    void whereThereIsADeviceTheyRun() {
        assertFalse(KernelDevice.Real.verdict(Optional.empty(), true).isDisabled());
    }
}
