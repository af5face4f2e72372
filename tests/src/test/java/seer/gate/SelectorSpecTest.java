package seer.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import seer.model.attention.ForcedBlocks;
import seer.support.Demo;

/// The grammar of selectors.
class SelectorSpecTest {

    @ParameterizedTest
    @ValueSource(strings = {"dense", "gate:threshold=0.005", "gate:density=0.1", "gate:threshold=0", "gate:density=1"})
    void whatIsWrittenIsWhatTheSelectorCallsItself(String text) {
        var spec = SelectorSpec.parse(text);
        assertEquals(text, spec.selector(Demo::gate, ForcedBlocks.DEFAULT).label());
    }

    @Test
    void denseNeedsNoGate() {
        assertFalse(SelectorSpec.parse("dense").needsGate());
        assertEquals("dense", SelectorSpec.parse("dense").selector(() -> {
            throw new AssertionError("asked for gates");
        }, ForcedBlocks.NONE).label());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "gate:", "gate:density", "gate:density=", "gate:density=0", "gate:density=1.5",
        "gate:density=NaN", "gate:threshold=1", "gate:threshold=-0.1", "gate:top=3", "door:density=0.1", "Dense",
        "gate=density:0.1"})
    void whatCannotBeReadIsQuotedWithWhatWasWanted(String text) {
        var e = assertThrows(IllegalArgumentException.class, () -> SelectorSpec.parse(text));
        assertTrue(e.getMessage().contains('"' + text + '"') && e.getMessage().contains(SelectorSpec.GRAMMAR),
                e.getMessage());
    }
}
