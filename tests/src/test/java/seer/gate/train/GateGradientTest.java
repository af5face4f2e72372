package seer.gate.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.gate.course.TrainingSequence;
import seer.model.attention.Pooling;
import seer.model.backend.Rotary;

/// The loss and its hand-made gradient, against finite differences of a plain implementation in double precision.
class GateGradientTest {
    private static final int HEADS = 4;
    private static final int GROUPS = 2;
    private static final int WIDTH = 8;
    private static final int BLOCK = 8; // of the features
    private static final int LENGTH = 150; // 19 blocks, the last one short
    private static final int ANSWER = 113; // the query before it begins a row of 8 and of 16, not one of 32
    private static final double STEP = 1e-4;
    private static final Rotary ROTARY = new Rotary(Rotary.plain(8, 50).inverseFrequency(), 1.1);

    private final SplittableRandom random = new SplittableRandom(7);

    @ParameterizedTest
    @ValueSource(strings = {
        "published:block=8,width=8", "drop:block=8,width=8,drop=0", "norope:block=8,width=8,rope=false",
        "mse:block=8,width=8,loss=mse", "bce:block=8,width=8,activation=sigmoid",
        "sigmse:block=8,width=8,activation=sigmoid,loss=mse", "average:block=8,width=8,target=average",
        "bceavg:block=8,width=8,activation=sigmoid,target=average", "coarse:block=16,width=8",
        "coarser:block=32,width=8,target=average", "peak:block=8,width=8,target=peak",
        "root:block=16,width=8,target=root,sink=capped", "double:block=8,width=12,type=Qavg_Kmaxmin",
        "doublemse:block=16,width=4,type=Qmaxminavg_Kavg,loss=mse", "doublesig:block=8,width=12,activation=sigmoid",
        "manypools:block=8,width=8,type=Qmaxmin_Kmaxminavg,rope=false", "max:block=8,width=8,type=Qmax_Kmin",
        "answers:block=8,width=8,answers=7.5", "answerscoarse:block=32,width=8,answers=0.25,drop=0.8",
        "answersbce:block=16,width=8,activation=sigmoid,answers=3", "answersmse:block=8,width=8,loss=mse,answers=3",
        "sink:block=8,width=8,drop=0,sink=capped", "sinkbce:block=16,width=8,activation=sigmoid,sink=capped",
        "sinkmse:block=8,width=8,loss=mse,sink=capped,answers=3",
        "fine:block=16,keys=8,width=8", "finest:block=32,keys=2,width=12,type=Qavg_Kavg,target=root,drop=0",
        "tokens:block=16,keys=1,width=4,type=Qavg_Kavg", "finebce:block=8,keys=2,width=8,activation=sigmoid"})
    void gradientEqualsFiniteDifferences(String text) {
        var recipe = GateRecipeSpec.parse(text, WIDTH, 1e-3);
        var layout = new GateLayout(recipe, 1, HEADS, GROUPS, WIDTH);
        var rotary = new Rotary(Rotary.plain(recipe.width(), 50).inverseFrequency(), 1.1);
        var features = features(recipe.keyBlock() < BLOCK ? recipe.keyBlock() : BLOCK);
        var parameters = new GateParameters(layout);
        parameters.all().forEach(p -> fill(p.value(), 0.4));
        var gradient = parameters.zeros();
        var plain = plain(recipe, layout, rotary, features);
        double loss = 0;
        int n = Math.ceilDiv(LENGTH, recipe.block());
        var sequence = new TrainingSequence(new int[LENGTH], ANSWER);
        var rotation = new BlockRotation(recipe.rope() ? rotary : null, recipe.block(), n);
        var keyRotation = new BlockRotation(recipe.rope() ? rotary : null, recipe.keyBlock(),
                Math.ceilDiv(LENGTH, recipe.keyBlock()));
        for (int group = 0; group < GROUPS; group++) {
            loss += new GateStep(layout, features, rotation, keyRotation, new Workspace())
                    .run(parameters.key(0, gradient), parameters.query(0, gradient), group,
                            sequence.answerRow(recipe.block()), 1)
                    .loss();
        }
        double[] key = doubles(parameters.key(0).value());
        double[] query = parameters.query(0) == null ? null : doubles(parameters.query(0).value());
        double wanted = plain.loss(key, query);
        assertEquals(wanted, loss, 1e-5 * wanted, "loss");
        compare(plain, key, query, key, gradient.getFirst(), "key");
        if (query != null) {
            compare(plain, key, query, query, gradient.getLast(), "query");
        }
    }

    private void compare(PlainGate plain, double[] key, double[] query, double[] changed, float[] gradient,
                         String what) {
        double largest = 0;
        for (float g : gradient) {
            largest = Math.max(largest, Math.abs(g));
        }
        assertTrue(largest > 0, what + " has a gradient");
        for (int at = 0; at < changed.length; at += 1 + random.nextInt(5)) {
            double value = changed[at];
            changed[at] = value + STEP;
            double up = plain.loss(key, query);
            changed[at] = value - STEP;
            double down = plain.loss(key, query);
            changed[at] = value;
            assertEquals((up - down) / (2 * STEP), gradient[at], 1e-4 * largest, what + " " + at);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 3", "2, 1", "5, 4"})
    void gradientsOfSequencesAddUpByTheirWeights(int first, int second) {
        var recipe = GateRecipeSpec.parse("g:block=8,width=8", WIDTH, 1e-3);
        var layout = new GateLayout(recipe, 1, HEADS, GROUPS, WIDTH);
        var rotation = new BlockRotation(ROTARY, 8, Math.ceilDiv(LENGTH, 8));
        var parameters = new GateParameters(layout);
        fill(parameters.key(0).value(), 0.4);
        var features = features(BLOCK);
        var space = new Workspace();
        var gradient = parameters.zeros();
        var key = parameters.key(0, gradient);
        new GateStep(layout, features, rotation, rotation, space).run(key, null, 0, 19, first);
        float[] once = gradient.getFirst().clone();
        new GateStep(layout, features, rotation, rotation, space).run(key, null, 0, 19, second);
        for (int i = 0; i < once.length; i++) {
            assertEquals(once[i] * (first + second) / first, gradient.getFirst()[i], 1e-5, "weight " + i);
        }
    }

    /// @param keyBlock tokens to one vector of the keys
    private BlockFeatures features(int keyBlock) {
        int n = Math.ceilDiv(LENGTH, BLOCK);
        var poolings = List.of(Pooling.MAX, Pooling.MIN, Pooling.AVG);
        return new BlockFeatures(BLOCK, keyBlock, LENGTH, WIDTH, poolings, poolings,
                fill(new float[HEADS * n * 3 * WIDTH], 1),
                fill(new float[GROUPS * Math.ceilDiv(LENGTH, keyBlock) * 3 * WIDTH], 1), maps(n), masses());
    }

    private Map<BlockFeatures.Mass, List<float[]>> masses() {
        var masses = new HashMap<BlockFeatures.Mass, List<float[]>>();
        for (var target : TargetPooling.values()) {
            for (int block = BLOCK; block <= 32; block *= 2) {
                masses.put(new BlockFeatures.Mass(target, block), maps(Math.ceilDiv(LENGTH, block)));
            }
        }
        return masses;
    }

    private List<float[]> maps(int n) {
        var maps = new ArrayList<float[]>();
        for (int head = 0; head < HEADS; head++) {
            var map = new float[n * n];
            for (int i = 0; i < n; i++) {
                for (int j = 0; j <= i; j++) {
                    map[i * n + j] = (i + j) % 7 == 3 && j < i ? 0 : (float) Math.pow(random.nextDouble(), 3);
                }
            }
            maps.add(map);
        }
        return maps;
    }

    private float[] fill(float[] values, double size) {
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((random.nextDouble() * 2 - 1) * size);
        }
        return values;
    }

    /// Merges blocks by the definitions: largest, smallest, mean over tokens.
    private static PlainGate plain(GateRecipe recipe, GateLayout layout, Rotary rotary, BlockFeatures f) {
        return new PlainGate(recipe, layout, rotary, pooled(f.queries(), HEADS, BLOCK, recipe.block()),
                pooled(f.keys(), GROUPS, f.keyBlock(), recipe.keyBlock()), maps(f, recipe), ANSWER);
    }

    private static double[][][] pooled(float[] x, int heads, int given, int block) {
        int fine = Math.ceilDiv(LENGTH, given);
        var pooled = new double[heads][Math.ceilDiv(LENGTH, block)][3 * WIDTH];
        for (int head = 0; head < heads; head++) {
            for (int j = 0; j < pooled[0].length; j++) {
                int end = Math.min(LENGTH, (j + 1) * block);
                for (int c = 0; c < 3 * WIDTH; c++) {
                    double most = Double.NEGATIVE_INFINITY;
                    double least = Double.POSITIVE_INFINITY;
                    double sum = 0;
                    for (int t = j * block; t < end; t++) {
                        double value = x[(head * fine + t / given) * 3 * WIDTH + c];
                        most = Math.max(most, value);
                        least = Math.min(least, value);
                        sum += value;
                    }
                    pooled[head][j][c] = c < WIDTH ? most : c < 2 * WIDTH ? least : sum / (end - j * block);
                }
            }
        }
        return pooled;
    }

    /// Maxima merged by their definition; masses as they were given for the gate's block.
    private static double[][][] maps(BlockFeatures f, GateRecipe recipe) {
        boolean largest = recipe.target() == TargetPooling.MAX;
        var maps = largest ? f.largest() : f.masses().get(new BlockFeatures.Mass(recipe.target(), recipe.block()));
        int given = largest ? BLOCK : recipe.block();
        int columns = Math.ceilDiv(LENGTH, given);
        int n = Math.ceilDiv(LENGTH, recipe.block());
        var coarse = new double[maps.size()][n][n];
        for (int head = 0; head < maps.size(); head++) {
            for (int i = 0; i < columns; i++) {
                for (int j = 0; j < columns; j++) {
                    int row = i * given / recipe.block();
                    int column = j * given / recipe.block();
                    coarse[head][row][column] = Math.max(coarse[head][row][column], maps.get(head)[i * columns + j]);
                }
            }
        }
        return coarse;
    }

    private static double[] doubles(float[] values) {
        var wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }
}
