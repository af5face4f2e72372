package seer.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Texts end before the first stop sequence, however they come in pieces, and nothing of it is passed on before.
class StoppedTextTest {
    private static final List<String> STOPS = List.of("###", "\n\nUser", "ab");

    /// What is passed on, piece by piece; `|` ends a piece that comes.
    private static List<String> passed(String pieces) {
        var parts = new ArrayList<String>();
        var text = new StoppedText(STOPS, parts::add);
        for (String piece : pieces.split("\\|")) {
            text.text(piece);
        }
        text.finish();
        assertEquals(text.text(), String.join("", parts));
        return parts;
    }

    @Test
    void piecesPassAsTheyCome() {
        assertEquals(List.of("one ", "two"), passed("one |two"));
    }

    @Test
    void whatMayBeginAStopSequenceIsHeldBack() {
        assertEquals(List.of("x", "#y"), passed("x#|y"));
        assertEquals(List.of("x", "##y", "#"), passed("x##|y#"));
        assertEquals(List.of("x", "\n\nUse"), passed("x\n\nUse"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x###y", "x#|#|#|y", "x|###", "xa|b###", "x##|#ab", "x\n|\n|U|s|e|r: why?", "xab###"})
    void nothingPassesFromTheFirstStopSequenceOn(String pieces) {
        assertEquals("x", String.join("", passed(pieces)));
    }

    @Test
    void nobodyWaitsForMoreThen() {
        var text = new StoppedText(STOPS, _ -> { });
        text.text("x#");
        assertEquals(false, text.cancelled());
        text.text("##");
        assertEquals(true, text.cancelled() && text.isStopped());
    }
}
