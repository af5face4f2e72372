package seer.gate.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static seer.support.Close.assertWithin;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import seer.model.Backends;
import seer.model.BlockSelector;
import seer.model.LanguageModel;
import seer.model.LayerView;
import seer.model.PrefillRequest;
import seer.model.load.SafetensorsFile;
import seer.support.Demo;
import seer.support.RealModel;
import seer.support.TinyModel;

/// What gates are trained towards, against independent values.
class TargetTest {
    private static final int LAYER = 3; // of the golden values
    private static final int REAL_LAYER = 12; // of those of the real model

    @TempDir
    private Path folder;

    @Test
    void theTargetIsTheGoldenOne() {
        assertWithin(Demo.golden("pooled_gt"), normalised(golden(64), 4, 1, 16), 1e-5, "pooled target");
    }

    /// Nine heads of queries share three of keys, and the last block is not full.
    @Test
    void theTargetOfARealModelIsTheGoldenOne() {
        var found = new ArrayList<BlockFeatures>();
        var recipe = GateRecipeSpec.parse("g:block=64", 64, 1);
        try (var golden = SafetensorsFile.open(RealModel.file("golden.safetensors"));
                var backend = Backends.cpu(2); var model = LanguageModel.open(RealModel.gguf(), backend);
                var session = model.session(700, 700)) {
            session.prefill(PrefillRequest.of(golden.tensor("tokens").ints(), BlockSelector.dense()).observedBy(
                    new FeatureCollector(List.of(recipe)).taking((layer, features) -> found.add(features))));
            assertWithin(golden.tensor("pooled_gt").floats(), normalised(found.get(REAL_LAYER), 9, 1, 11), 1e-3,
                    "pooled target");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 16, 32})
    void maximaOfFinerBlocksGiveTheGoldenTargetToo(int block) {
        assertWithin(Demo.golden("pooled_gt"), normalised(golden(block), 4, 64 / block, 16), 1e-5, "from " + block);
    }

    @Test
    void pooledVectorsOfFinerBlocksGiveTheGoldenOnes() {
        var features = golden(8);
        int n = 16;
        var keys = new float[2 * n * 192];
        var column = new float[192][n];
        for (int group = 0; group < 2; group++) {
            features.keys(group, features.keyPoolings(), 8, column);
            for (int i = 0; i < n; i++) {
                for (int c = 0; c < 192; c++) {
                    keys[(group * n + i) * 192 + c] = column[c][i];
                }
            }
        }
        var wanted = golden(64);
        assertWithin(wanted.keys(), keys, 1e-5, "pooled keys");
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 130, 333})
    void mapsEqualThoseOfPlainAttention(int length) throws IOException {
        int block = 16;
        var recipe = GateRecipeSpec.parse("a:block=16,width=16,target=average", 16, 1);
        var recipes = List.of(recipe, GateRecipeSpec.parse("m:block=16,width=16", 16, 1),
                GateRecipeSpec.parse("p:block=16,width=16,target=peak", 16, 1),
                GateRecipeSpec.parse("r:block=16,width=16,target=root", 16, 1));
        var model = TinyModel.random("llama", 4, 2, 16, true).write(folder.resolve("m" + length));
        try (var backend = Backends.cpu(2); var open = LanguageModel.open(model, backend);
                var session = open.session(400, 400)) {
            var views = new ArrayList<List<float[]>>();
            var found = new ArrayList<BlockFeatures>();
            var collector = new FeatureCollector(recipes)
                    .taking((layer, features) -> found.add(features));
            int[] tokens = KillableTraining.source().sequence(1, length).tokens();
            session.prefill(PrefillRequest.of(tokens, BlockSelector.dense())
                    .observedBy((view, mask, attention, sums) -> {
                        collector.layer(view, mask, attention, sums);
                        for (int head = 0; head < 4; head++) {
                            views.add(plain(view, head, block));
                        }
                    }));
            assertEquals(2, found.size());
            for (int layer = 0; layer < 2; layer++) {
                for (int head = 0; head < 4; head++) {
                    var wanted = views.get(layer * 4 + head);
                    assertWithin(wanted.get(0), found.get(layer).largest().get(head), 1e-5, "largest");
                    for (var target : List.of(TargetPooling.AVERAGE, TargetPooling.PEAK, TargetPooling.ROOT)) {
                        assertWithin(wanted.get(target.ordinal()), found.get(layer).masses()
                                .get(new BlockFeatures.Mass(target, block)).get(head), 1e-5, target.name());
                    }
                }
            }
        }
    }

    /// Of each block the largest probability, and the mean, largest and root mean square of its mass, in double
    /// precision.
    private static List<float[]> plain(LayerView view, int head, int block) {
        float[] q = view.queries().download();
        float[] k = view.cache().keys().download();
        int width = view.config().headWidth();
        int n = view.blocks(block);
        var largest = new float[n * n];
        var mean = new double[n * n];
        var peak = new double[n * n];
        var squares = new double[n * n];
        for (int t = 0; t < view.rows(); t++) {
            var p = new double[t + 1];
            double sum = 0;
            for (int s = 0; s <= t; s++) {
                double score = 0;
                for (int d = 0; d < width; d++) {
                    score += (double) q[(head * view.queries().extent(1) + t) * width + d]
                            * k[(head / 2 * view.cache().keys().extent(1) + s) * width + d];
                }
                p[s] = Math.exp(score / Math.sqrt(width));
                sum += p[s];
            }
            int rows = Math.min(view.rows(), (t / block + 1) * block) - t / block * block;
            var mass = new double[n];
            for (int s = 0; s <= t; s++) {
                int at = t / block * n + s / block;
                largest[at] = Math.max(largest[at], (float) (p[s] / sum));
                mass[s / block] += p[s] / sum;
            }
            for (int j = 0; j < n; j++) {
                int at = t / block * n + j;
                mean[at] += mass[j] / rows;
                peak[at] = Math.max(peak[at], mass[j]);
                squares[at] += mass[j] * mass[j] / rows;
            }
        }
        return List.of(largest, floats(mean), floats(peak), floats(Arrays.stream(squares).map(Math::sqrt).toArray()));
    }

    private static float[] floats(double[] values) {
        var narrow = new float[values.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) values[i];
        }
        return narrow;
    }

    private static BlockFeatures golden(int block) {
        int[] tokens = Demo.goldenInts("tokens");
        var found = new ArrayList<BlockFeatures>();
        var recipe = GateRecipeSpec.parse("g:block=" + block, 64, 1);
        try (var session = Demo.model().session(tokens.length, tokens.length)) {
            session.prefill(PrefillRequest.of(tokens, BlockSelector.dense()).observedBy(
                    new FeatureCollector(List.of(recipe)).taking((layer, features) -> found.add(features))));
        }
        return found.get(LAYER);
    }

    private static float[] normalised(BlockFeatures features, int heads, int factor, int n) {
        var all = new float[heads * n * n];
        for (int head = 0; head < heads; head++) {
            float[] map = features.target(TargetPooling.MAX, head, factor, new float[n * n]);
            for (int i = 0; i < n; i++) {
                double sum = 0;
                for (int j = 0; j < n; j++) {
                    sum += map[i * n + j];
                }
                for (int j = 0; j < n; j++) {
                    all[(head * n + i) * n + j] = (float) (map[i * n + j] / sum);
                }
            }
        }
        return all;
    }
}
