package seer.gate.course;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import org.junit.jupiter.api.Test;

class SequencesAheadTest {
    private final ConcurrentSkipListMap<Long, Integer> made = new ConcurrentSkipListMap<>();
    private final SequencesAhead sequences = new SequencesAhead(new SequenceSource() {
        @Override
        public TrainingSequence sequence(long index, int length) {
            made.merge(index, 1, Integer::sum);
            return TrainingSequence.text(new int[] {(int) index, length});
        }

        @Override
        public String label() {
            return "numbers";
        }
    }, index -> (int) index + 5, 12);

    private void take(long wanted, long then) {
        var sequence = sequences.take(wanted, then);
        assertEquals(List.of((int) wanted, (int) wanted + 5), List.of(sequence.tokens()[0], sequence.tokens()[1]));
    }

    /// Batches of four, of which this process has the last two: none is made for nothing, nor twice.
    @Test
    void aPartOfEachBatchIsMadeAheadToo() {
        for (long step = 0; step < 3; step++) {
            take(4 * step + 2, 4 * step + 3);
            take(4 * step + 3, 4 * step + 6);
        }
        assertEquals("{2=1, 3=1, 6=1, 7=1, 10=1, 11=1}", made.toString());
    }

    @Test
    void aWrongGuessIsMadeWhenItIsTaken() {
        take(3, 4);
        take(8, 12);
        take(3, 4);
        take(4, 5);
        assertEquals(4L, sequences.take(4).tokens()[0]);
        assertEquals(5L, sequences.take(5).tokens()[0]);
    }
}
