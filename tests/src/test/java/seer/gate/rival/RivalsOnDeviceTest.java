package seer.gate.rival;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static seer.support.Close.assertWithin;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import seer.gate.SelectorSpec;
import seer.model.Backends;
import seer.model.attention.ForcedBlocks;
import seer.model.backend.Backend;
import seer.support.Conformance;
import seer.support.Tornado;
import seer.support.WatchedRanges;

/// Every rival that computes on the backend, through the task graphs and in chunks, keeps what
/// it keeps on the processor.
@Conformance
class RivalsOnDeviceTest {
    private static final int TOKENS = 139;
    private static final int BLOCK = 32;
    /// Races are looked for in the kernels' own tests.
    private static final WatchedRanges WATCHED = new WatchedRanges();

    @TempDir
    private static Path folder;
    private static Backend device;
    private static Backend cpu;

    @BeforeAll
    static void open() {
        WATCHED.open();
        Reading.model(folder);
        device = Tornado.open();
        cpu = Backends.cpu(1);
    }

    @AfterAll
    static void close() {
        device.close();
        cpu.close();
        WATCHED.close();
    }

    private static Reading read(Backend backend, String written) {
        var spec = (SelectorSpec.Other) SelectorSpec.parse(written);
        int chunk = spec.wholePrompt() ? TOKENS : 3 * BLOCK;
        return Reading.of(folder, backend, TOKENS, chunk,
                spec.rival().selector(BLOCK, spec.setting(), spec.seed(), new ForcedBlocks(1, false)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"verticalslash:density=0.7", "meanpool:density=0.7", "minmax:density=0.7",
        "antidiagonal:density=0.7", "flex:density=0.7", "oracle:threshold=0.2"})
    void masksAndLogitsAreTheProcessors(String written) {
        var wanted = read(cpu, written);
        var got = read(device, written);
        for (int layer = 0; layer < 2; layer++) {
            for (int head = 0; head < 4; head++) {
                for (int row = 0; row < Math.ceilDiv(TOKENS, BLOCK); row++) {
                    for (int j = 0; j <= row; j++) {
                        assertEquals(wanted.keeps(layer, head, row, j), got.keeps(layer, head, row, j),
                                "layer " + layer + ", head " + head + ", row " + row + ", block " + j);
                    }
                }
            }
        }
        assertWithin(wanted.report().logits(), got.report().logits(), 2e-3, "last logits");
    }
}
