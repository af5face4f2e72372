package seer.gate.rival;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static seer.support.Close.assertWithin;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import seer.gate.SelectorSpec;
import seer.model.Backends;
import seer.model.attention.ForcedBlocks;
import seer.model.backend.Backend;
import seer.model.backend.ElementType;

/// Rivals read a cache of 16 bits as they read one of 32.
class HalfCacheRivalsTest {
    private static final int TOKENS = 139;
    private static final int BLOCK = 32;

    @TempDir
    private Path folder;

    private Reading read(ElementType cache, String written) {
        var spec = (SelectorSpec.Other) SelectorSpec.parse(written);
        try (Backend backend = Backends.cpu(1, cache)) {
            return Reading.of(folder, backend, TOKENS, spec.wholePrompt() ? TOKENS : 3 * BLOCK,
                    spec.rival().selector(BLOCK, spec.setting(), spec.seed(), new ForcedBlocks(1, false)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"verticalslash:density=0.7", "meanpool:density=0.7", "minmax:density=0.7",
        "antidiagonal:density=0.7", "flex:density=0.7", "oracle:threshold=0.2"})
    void theChoiceIsTheSame(String written) {
        Reading.model(folder);
        var wanted = read(ElementType.F32, written);
        var got = read(ElementType.F16, written);
        for (int i = 0; i < wanted.layers().size(); i++) {
            var mask = wanted.layers().get(i).mask();
            for (int head = 0; head < mask.heads(); head++) {
                for (int row = mask.firstRow(); row < mask.firstRow() + mask.rows(); row++) {
                    for (int block = 0; block <= row; block++) {
                        assertEquals(mask.keeps(head, row, block), got.layers().get(i).mask().keeps(head, row, block),
                                "layer and chunk " + i + ", head " + head + ", row " + row + ", block " + block);
                    }
                }
            }
        }
        assertWithin(wanted.report().logits(), got.report().logits(), 5e-3, "last logits");
    }
}
