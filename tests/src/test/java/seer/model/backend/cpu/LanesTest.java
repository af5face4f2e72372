package seer.model.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Sizes that follow from the width of vectors, on machines that are not at hand too.
class LanesTest {
    @ParameterizedTest
    @ValueSource(ints = {2, 4, 8, 16, 32, 64})
    void panelsAreWholeStripsOfPairsOfVectors(int length) {
        assertTrue(Lanes.panel(length) >= Lanes.strip(length), "of " + length + " floats");
        assertEquals(0, Lanes.panel(length) % Lanes.strip(length));
        assertEquals(0, Lanes.strip(length) % (2 * length));
    }
}
