package seer.model.backend;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import seer.support.Conformance;
import seer.support.Tornado;
import seer.support.WatchedRanges;

/// What every backend shows, held against the tornado backend: on the simulator in an ordinary run, where only ranges,
/// barriers and transfers are watched (races are looked for in the kernels' own tests) and cases are short; on a device
/// with `./setup.sh test --tornadovm`, at full length.
@Conformance
class TornadoFactsTest {
    private static final WatchedRanges WATCHED = new WatchedRanges();

    @BeforeAll
    static void watch() {
        WATCHED.open();
    }

    @AfterAll
    static void watchAsBefore() {
        WATCHED.close();
    }

    private static int longestCase() {
        return Tornado.onDevice() ? Integer.MAX_VALUE : 70;
    }

    @Nested
    class Attention extends AttentionFacts {
        @Override
        protected Backend open() {
            return Tornado.open();
        }

        @Override
        protected double tolerance() {
            return 4;
        }

        @Override
        protected int longest() {
            return longestCase();
        }

        @Override
        protected boolean thorough() {
            return false;
        }
    }

    @Nested
    class Backward extends GradientFacts {
        @Override
        protected Backend open() {
            return Tornado.open();
        }

        @Override
        protected int longest() {
            return longestCase();
        }
    }

    @Nested
    class AttentionBackward extends AttentionGradientFacts {
        @Override
        protected Backend open() {
            return Tornado.open();
        }

        @Override
        protected int longest() {
            return longestCase();
        }
    }

    @Nested
    class Layers extends LayerFacts {
        @Override
        protected Backend open() {
            return Tornado.open();
        }

        @Override
        protected double tolerance() {
            return 4;
        }

        @Override
        protected int longest() {
            return longestCase();
        }
    }

    @Nested
    class Selection extends SelectionFacts {
        @Override
        protected Backend open() {
            return Tornado.open();
        }

        @Override
        protected double tolerance() {
            return 4;
        }

        @Override
        protected int longest() {
            return longestCase();
        }
    }

    @Nested
    class Memory extends ArenaFacts {
        @Override
        protected Backend open() {
            return Tornado.open();
        }

        @Override
        protected double tolerance() {
            return 4;
        }

        @Override
        protected int longest() {
            return longestCase();
        }
    }
}
