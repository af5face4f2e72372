package seer.gate.train;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import seer.gate.GateConfig;
import seer.model.attention.GateActivation;
import seer.model.attention.Pooling;
import seer.model.load.Quoted;

/// A gate as written on a command line: `NAME` or `NAME:SETTING=VALUE,...`; what is not said is as published.
public final class GateRecipeSpec {
    /// What can be written.
    public static final String GRAMMAR = "NAME:block=64,keys=64,width=64,type=Qavg_Kmaxminavg,"
            + "activation=softmax|sigmoid,loss=kl|mse|bce,target=max|average|peak|root,rope=true|false,rate=0.001,"
            + "drop=0.25,sink=mass|capped,answers=1";

    private static final List<String> SETTINGS =
            List.of("block", "keys", "width", "type", "activation", "loss", "target", "rope", "rate", "drop",
                    "sink", "answers");

    private GateRecipeSpec() { }

    /// Reads a gate; `width` and `rate` are those of gates that do not say theirs.
    ///
    /// @throws IllegalArgumentException quoting what was written and what was wanted
    public static GateRecipe parse(String text, int width, double rate) {
        int colon = text.indexOf(':');
        var recipe = GateRecipe.published(colon < 0 ? text : text.substring(0, colon), width, rate);
        if (colon < 0) {
            return recipe;
        }
        var seen = new LinkedHashSet<String>();
        int block = recipe.block();
        int keyBlock = 0;
        List<List<Pooling>> type = List.of(recipe.queryPooling(), recipe.keyPooling());
        var activation = recipe.activation();
        GateLoss loss = null;
        var target = recipe.target();
        boolean rope = recipe.rope();
        double drop = recipe.drop();
        var sink = recipe.sink();
        double answers = recipe.answers();
        for (String setting : text.substring(colon + 1).split(",")) {
            int equals = setting.indexOf('=');
            String key = equals < 0 ? setting : setting.substring(0, equals);
            String value = equals < 0 ? "" : setting.substring(equals + 1);
            if (equals < 0 || !SETTINGS.contains(key) || !seen.add(key)) {
                throw wrong(text, "\"" + setting + "\"");
            }
            switch (key) {
                case "block" -> block = whole(text, setting, value);
                case "keys" -> keyBlock = whole(text, setting, value);
                case "width" -> width = whole(text, setting, value);
                case "type" -> type = GateConfig.poolings(value);
                case "activation" -> activation = choice(text, setting, value, GateActivation.values());
                case "loss" -> loss = choice(text, setting, value, GateLoss.values());
                case "target" -> target = choice(text, setting, value, TargetPooling.values());
                case "rope" -> rope = truth(text, setting, value);
                case "rate" -> rate = number(text, setting, value);
                case "drop" -> drop = number(text, setting, value);
                case "sink" -> sink = choice(text, setting, value, SinkTarget.values());
                default -> answers = number(text, setting, value);
            }
        }
        if (loss == null) {
            loss = activation == GateActivation.SOFTMAX ? GateLoss.KL : GateLoss.BCE;
        }
        return new GateRecipe(recipe.name(), block, seen.contains("keys") ? keyBlock : block, width, type.get(0),
                type.get(1), activation, loss, target, rope, rate, drop, sink, answers);
    }

    /// The gate in full, as [#parse] reads it.
    public static String format(GateRecipe recipe) {
        return String.format(Locale.ROOT, "%s:block=%d,keys=%d,width=%d,type=%s,activation=%s,loss=%s,target=%s,"
                        + "rope=%s,rate=%s,drop=%s,sink=%s,answers=%s", recipe.name(), recipe.block(),
                recipe.keyBlock(), recipe.width(),
                recipe.config("unnamed", null, null).type(), lower(recipe.activation()), lower(recipe.loss()),
                lower(recipe.target()), recipe.rope(), recipe.rate(), recipe.drop(),
                lower(recipe.sink()), recipe.answers());
    }

    private static double number(String text, String setting, String value) {
        try {
            return Double.parseDouble(value);
        } catch (NumberFormatException _) {
            throw wrong(text, "\"" + setting + "\", wanted a number");
        }
    }

    private static int whole(String text, String setting, String value) {
        double number = number(text, setting, value);
        if (number != (int) number) {
            throw wrong(text, "\"" + setting + "\", wanted a whole number");
        }
        return (int) number;
    }

    private static boolean truth(String text, String setting, String value) {
        if (!value.equals("true") && !value.equals("false")) {
            throw wrong(text, "\"" + setting + "\", wanted true or false");
        }
        return value.equals("true");
    }

    private static <E extends Enum<E>> E choice(String text, String setting, String value, E[] choices) {
        return Arrays.stream(choices).filter(choice -> lower(choice).equals(value)).findFirst()
                .orElseThrow(() -> wrong(text, "\"" + setting + "\", wanted one of "
                        + Arrays.stream(choices).map(GateRecipeSpec::lower).toList()));
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static IllegalArgumentException wrong(String text, String what) {
        return new IllegalArgumentException("gate is \"" + Quoted.of(text) + "\" (" + Quoted.of(what) + "), wanted "
                + GRAMMAR);
    }
}
