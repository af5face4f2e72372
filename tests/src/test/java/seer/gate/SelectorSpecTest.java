package seer.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import seer.gate.rival.Criterion;
import seer.gate.rival.Rival;
import seer.gate.rival.Setting;
import seer.model.CorrectedSelector;
import seer.model.attention.ForcedBlocks;
import seer.support.Demo;

/// The grammar of selectors.
class SelectorSpecTest {

    @ParameterizedTest
    @ValueSource(strings = {"dense", "gate:threshold=0.005", "gate:density=0.1", "gate:threshold=0", "gate:density=1",
        "gate:budget=0.1", "gate:budget=1",
        "ashape:density=0.1", "verticalslash:density=0.05", "meanpool:density=0.3", "minmax:density=0.2",
        "antidiagonal:density=0.1", "antidiagonal:mass=0.9", "flex:mass=0.95", "flex:density=0.1", "random:density=0.5",
        "random:density=0.5,seed=7", "random:density=0.5,seed=-7", "oracle:density=0.00001", "oracle:threshold=0",
        "oracle:threshold=0.015", "gate:threshold=0.005+rest", "meanpool:density=0.3+rest", "gate:budget=0.1+delta=64",
        "random:density=0.5,seed=7+delta=32"})
    void whatIsWrittenIsWhatTheSelectorCallsItself(String text) {
        var spec = SelectorSpec.parse(text);
        assertEquals(text, spec.selector(Demo::gate, ForcedBlocks.DEFAULT).label());
        assertEquals(text, spec.text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"gate", "gate:calibrated", "gate:density=1.0E-5", "gate:density=0.10", "flex:mass=1e-3",
        "gate:threshold=0.0123456789", "oracle:threshold=1e-9", "random:density=0.30000000000000004,seed=0",
        "gate+rest", "ashape:density=0.1+delta"})
    void whatIsPrintedReadsAsTheSame(String text) {
        var spec = SelectorSpec.parse(text);
        assertEquals(spec, SelectorSpec.parse(spec.text()));
    }

    @Test
    void smallThresholdsKeepTheirDigits() {
        assertEquals("gate:threshold=0.0000005", SelectorSpec.parse("gate:threshold=5e-7")
                .selector(Demo::gate, ForcedBlocks.NONE).label());
    }

    @Test
    void whatAMethodDoesNotChooseByCannotBeMade() {
        var mass = new Setting(Criterion.MASS, 0.5);
        assertThrows(IllegalArgumentException.class, () -> new SelectorSpec.Gate(mass));
        assertThrows(IllegalArgumentException.class, () -> new SelectorSpec.Other(Rival.MINMAX, mass, 0));
        assertThrows(IllegalArgumentException.class,
                () -> new SelectorSpec.Other(Rival.FLEX, Setting.density(0.5), 3));
    }

    /// A density is that of the chosen blocks and of what corrects them.
    @Test
    void aCorrectionTakesItsShareOfADensity() {
        var selector = (CorrectedSelector) SelectorSpec.parse("meanpool:density=0.1+rest")
                .selector(Demo::gate, ForcedBlocks.NONE);
        assertEquals(1.0 / 64, selector.correction());
        assertEquals("meanpool:density=0.084375", selector.selector().label());
        assertEquals("gate:threshold=0.02", ((CorrectedSelector) SelectorSpec.parse("gate:threshold=0.02+delta")
                .selector(Demo::gate, ForcedBlocks.NONE)).selector().label());
        var small = SelectorSpec.parse("ashape:density=0.01+rest");
        assertEquals("selector is \"ashape:density=0.01+rest\", wanted a density above 0.015625, which the correction "
                        + "takes of it", assertThrows(IllegalArgumentException.class,
                        () -> small.selector(Demo::gate, ForcedBlocks.NONE)).getMessage());
    }

    @Test
    void everyRivalIsInTheGrammarAndNeedsNoGate() {
        for (Rival rival : Rival.values()) {
            assertTrue(SelectorSpec.grammar().contains(rival.word()), rival.word());
            for (Criterion criterion : rival.criteria()) {
                assertTrue(SelectorSpec.grammar().contains("METHOD:" + criterion.word()), criterion.word());
                assertFalse(SelectorSpec.parse(rival.word() + ":" + criterion.word() + "=0.5").needsGate());
            }
        }
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
        "gate:budget=0", "gate:budget=1.01", "oracle:budget=0.1",
        "gate:density=NaN", "gate:threshold=1", "gate:threshold=-0.1", "gate:top=3",
        "gate:threshold=0.999999999", "oracle:threshold=0.999999999", "door:density=0.1", "Dense",
        "gate=density:0.1", "minmax:mass=0.9", "ashape:threshold=0.1", "flex:threshold=0.1", "oracle:density=2",
        "antidiagonal:mass=0", "antidiagonal:mass=1.1", "Oracle:density=0.1", "random:density=0.1,seed=x",
        "random:density=0.1,", "random:density=0.1,seed=1,seed=2", "oracle:density=0.1,seed=1",
        "gate:density=0.1,seed=1", "random:density=,seed=1", ":density=0.1", "seed,:=", "random,seed=1:density=0.1",
        "dense+rest", "gate+", "gate+rest+delta", "gate+delta=1", "gate+delta=x",
        "gate+delta=", "gate+rest=64", "+rest"})
    void whatCannotBeReadIsQuotedWithWhatWasWanted(String text) {
        var e = assertThrows(IllegalArgumentException.class, () -> SelectorSpec.parse(text));
        assertTrue(e.getMessage().contains('"' + text + '"') && e.getMessage().contains(SelectorSpec.grammar()),
                e.getMessage());
    }
}
