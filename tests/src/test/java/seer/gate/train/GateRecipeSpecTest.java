package seer.gate.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.gate.course.AdamW;
import seer.gate.course.LearningRate;
import seer.gate.course.Parameter;
import seer.model.attention.GateActivation;

/// Gates as written on a command line.
class GateRecipeSpecTest {

    @Test
    void aNameAloneIsThePublishedForm() {
        assertEquals(GateRecipe.published("g", 64, 1e-3), GateRecipeSpec.parse("g", 64, 1e-3));
    }

    @Test
    void sigmoidsAreTrainedByCrossEntropyUnlessSaidOtherwise() {
        var recipe = GateRecipeSpec.parse("g:activation=sigmoid,block=32", 64, 1e-3);
        assertEquals(GateActivation.SIGMOID, recipe.activation());
        assertEquals(GateLoss.BCE, recipe.loss());
        assertEquals(32, recipe.block());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a:block=8,width=32,type=Qmaxavg_Kmin,activation=sigmoid,loss=mse,target=average,"
            + "rope=false,rate=0.002,drop=0.5,sink=capped,answers=20", "b"})
    void whatIsFormattedReadsBack(String text) {
        var recipe = GateRecipeSpec.parse(text, 64, 1e-3);
        assertEquals(recipe, GateRecipeSpec.parse(GateRecipeSpec.format(recipe), 8, 1));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "g:blocks=8 | (\"blocks=8\"), wanted NAME:block=64", "g:block=8,block=16 | (\"block=16\")",
        "g:block=many | (\"block=many\", wanted a number)", "g:loss=l1 | (\"loss=l1\", wanted one of [kl, mse, bce])",
        "g:block=64.5 | (\"block=64.5\", wanted a whole number)", "g:width=1e10 | wanted a whole number",
        "g:width=NaN | wanted a whole number", "g:rate=Infinity | learning rate is Infinity, wanted a finite number",
        "g:rope=no | (\"rope=no\", wanted true or false)", "g:block=24 | seerattn_gate_block_size is 24",
        "g:width=7 | seerattn_gate_hidden_size is 7", "g:type=Qavg | seerattn_gate_type is \"Qavg\"",
        "g:loss=bce | gate g: loss BCE does not go with activation SOFTMAX, wanted KL or MSE with SOFTMAX",
        "g:activation=sigmoid,loss=kl | gate g: loss KL does not go with activation SIGMOID",
        "g/h | gate name is \"g/h\"", "..:block=8 | gate name is \"..\"", "g:drop=1 | gate g: drop is 1.0",
        "g:rate=0 | gate g: learning rate is 0.0", "g:answers=0 | gate g: answers is 0.0, wanted a weight above 0"})
    void whatCannotBeIsRefusedInOneSentence(String text, String part) {
        var e = assertThrows(IllegalArgumentException.class, () -> GateRecipeSpec.parse(text, 64, 1e-3));
        assertTrue(e.getMessage().contains(part), e.getMessage());
    }

    @Test
    void aPlanNeedsGatesOfDifferentNames() {
        var gate = GateRecipe.published("g", 64, 1e-3);
        var e = assertThrows(IllegalArgumentException.class,
                () -> new TrainingPlan(List.of(gate, gate), List.of(64), 1, 1, 0, 1, 0, 1));
        assertEquals("gates are [g, g], wanted at least one, and every name once", e.getMessage());
    }

    @Test
    void theLearningRateRisesLinearlyAndFallsAlongACosine() {
        var rate = new LearningRate(4, 12);
        assertEquals(List.of(0.25, 0.5, 0.75, 1.0, 1.0), java.util.stream.IntStream.range(0, 5)
                .mapToObj(rate::at).toList());
        assertEquals(0.5, rate.at(8), 1e-12);
        assertEquals(0.5 * (1 + Math.cos(Math.PI * 7 / 8)), rate.at(11), 1e-12);
    }

    /// Two steps by hand, from the algorithm's definition.
    @Test
    void adamWChangesWeightsAsDefined() {
        var parameter = Parameter.zero("w", 2);
        parameter.value()[0] = 1;
        parameter.value()[1] = -2;
        var adam = new AdamW(1, 0.1);
        var x = new double[] {1, -2};
        var m = new double[2];
        var v = new double[2];
        for (int step = 0; step < 2; step++) {
            double[] gradient = step == 0 ? new double[] {3, 4} : new double[] {0.1, -0.2};
            double norm = Math.hypot(gradient[0], gradient[1]);
            var narrow = new float[] {(float) gradient[0], (float) gradient[1]};
            for (int i = 0; i < 2; i++) {
                double g = gradient[i] * Math.min(1, 1 / norm);
                m[i] = 0.9 * m[i] + 0.1 * g;
                v[i] = 0.999 * v[i] + 0.001 * g * g;
                x[i] -= 0.01 * 0.1 * x[i];
                x[i] -= 0.01 * (m[i] / (1 - Math.pow(0.9, step + 1)))
                        / (Math.sqrt(v[i] / (1 - Math.pow(0.999, step + 1))) + 1e-8);
            }
            assertEquals(norm, adam.step(List.of(parameter), List.of(narrow), 0.01, step), 1e-6);
            assertEquals(x[0], parameter.value()[0], 1e-6);
            assertEquals(x[1], parameter.value()[1], 1e-6);
        }
    }
}
