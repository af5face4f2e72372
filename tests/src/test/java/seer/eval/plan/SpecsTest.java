package seer.eval.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.eval.Measure;
import seer.eval.PerplexityTask;
import seer.eval.RetrievalTask.Scoring;
import seer.eval.Samples;
import seer.eval.Study;
import seer.gate.SelectorSpec;
import seer.gate.prompt.Family;
import seer.model.attention.ForcedBlocks;
import seer.model.load.Utf8Text;
import seer.support.Demo;

/// What is to be measured, as data: it prints, parses, and opens as what the command line measures.
class SpecsTest {
    private static final Path EMMA = Demo.DATA.resolve("emma-excerpt.txt");
    private static final List<String> NAMES = List.of("plain", "a,b", "a\\", "\\,", "x=y:z", " ", "file:name=a\\,b",
            "neu\nzeile", "Gänse");

    private static Library library() {
        return new Library(Demo.model(), Utf8Text::read);
    }

    private static Stream<TaskSpec> tasks() {
        var texts = NAMES.stream().map(name -> new TextSpec(name, Path.of("in", name + ".txt"), 7)).toList();
        return Stream.concat(Stream.of(new TaskSpec.Perplexity(texts, 512, 64, 3),
                        new TaskSpec.Retrieval(texts, Family.COMMON_WORDS, 4, 600, 2, Long.MIN_VALUE,
                                Scoring.GENERATED)),
                NAMES.stream().flatMap(name -> Stream.of(
                        new TaskSpec.Attention(Measure.RECALL, TextSpec.of(Path.of(name + ".txt")), 64, 1),
                        new TaskSpec.Attention(Measure.RANK_CORRELATION, TextSpec.of(Path.of("b")), 65, 2),
                        new TaskSpec.Prompts(Path.of(name), name, 24, Scoring.FORCED),
                        new TaskSpec.LongBench(Path.of(name, "qasper_e.jsonl"), 8192, 200))));
    }

    @ParameterizedTest
    @MethodSource("tasks")
    void tasksReadAsTheyArePrinted(TaskSpec task) {
        assertEquals(task, TaskSpec.parse(task.text()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dense", "gate", "gate:budget=0.2", "random:density=0.5,seed=-7", "oracle:threshold=0.015",
        "flex:mass=0.95"})
    void contendersReadAsTheyArePrinted(String selector) {
        for (String name : NAMES) {
            for (boolean first : new boolean[] {false, true}) {
                var contender = ContenderSpec.of(name, SelectorSpec.parse(selector), new ForcedBlocks(3, first),
                        Path.of("gates", name));
                assertEquals(contender, ContenderSpec.parse(contender.text()));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "perplexity", "perplexity:", "perplexity:length=1,stride=1,windows=1", "door:text=a",
        "calibration:text=file:path=a\\,name=b\\,most=7,length=1,windows=1",
        "longbench:file=a,length=0,prompts=1", "longbench:file=a,length=x,prompts=1",
        "longbench:file=a,length=99999999999,prompts=1", "longbench:file=a,length=1,prompts=1,seed=1",
        "longbench:file=a,file=b,length=1,prompts=1", "longbench:file=a,length=1,prompts=1,",
        "longbench:file=a,length=1,prompts=1,=2", "prompts:file=a,row=b,prompts=1,score=FORCED",
        "recall:text=a,length=1,windows=1", "recall:text=file:path=a,length=1,windows=1"})
    void whatIsNoTaskIsRefused(String text) {
        String message = assertThrows(IllegalArgumentException.class, () -> TaskSpec.parse(text)).getMessage();
        assertTrue(message.contains("wanted") || message.contains("is no field"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"contender:", "task:label=a", "contender:label=a,select=dense,dense-last-rows=0",
        "contender:label=a,select=dense,dense-last-rows=0,keep-first=yes",
        "contender:label=a,select=dense,dense-last-rows=0,keep-first=true,gate=g",
        "contender:label=a,select=gate,dense-last-rows=0,keep-first=true",
        "contender:label=,select=dense,dense-last-rows=0,keep-first=true",
        "contender:label=a,select=gate,dense-last-rows=-1,keep-first=true,gate=g",
        "contender:label=a,select=gate,dense-last-rows=0,keep-first=true,gate=g,gate=h"})
    void whatIsNoContenderIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> ContenderSpec.parse(text));
    }

    @Test
    void everyMeasureButTheCalibrationHasATask() {
        var covered = tasks().map(task -> switch (task) {
            case TaskSpec.Perplexity _ -> Measure.PERPLEXITY;
            case TaskSpec.Attention attention -> attention.measure();
            case TaskSpec.Retrieval _, TaskSpec.Prompts _ -> Measure.RETRIEVAL;
            case TaskSpec.LongBench _ -> Measure.LONGBENCH;
        }).distinct().toList();
        assertEquals(Measure.values().length - 1, covered.size());
    }

    @Test
    void whatWasPrintedAndReadMeasuresTheSame() {
        var library = library();
        var text = TextSpec.of(EMMA);
        var spec = TaskSpec.parse(new TaskSpec.Perplexity(List.of(text), 256, 256, 2).text());
        var task = spec.open(library);
        var wanted = new PerplexityTask(List.of(library.document(text)), 256, 256, 2);
        assertEquals(wanted.items(), task.items());
        assertEquals(wanted.name(), task.name());
        var written = ContenderSpec.of("flat", SelectorSpec.parse("meanpool:density=0.3"), ForcedBlocks.DEFAULT, null);
        var contender = ContenderSpec.parse(written.text()).open(library);
        assertEquals("meanpool:density=0.3", contender.selector().label());
        assertEquals(ForcedBlocks.DENSE_LAST_ROWS, contender.denseLastRows());
        try (var session = Demo.model().session(256)) {
            assertEquals(wanted.measure(session, 1, contender.selector()).value(),
                    task.measure(session, 1, written.open(library).selector()).value());
        }
    }

    @Test
    void twoProcessesThatShareTheItemsMeasureWhatOneDoes() {
        var library = library();
        var contenders = Stream.of(ContenderSpec.dense(), ContenderSpec.of("flat",
                SelectorSpec.parse("ashape:density=0.5"), ForcedBlocks.NONE, null)).map(each -> each.open(library))
                .toList();
        var text = TextSpec.of(EMMA);
        var all = new Samples();
        var one = new Samples();
        var other = new Samples();
        var both = new TaskSpec.Perplexity(List.of(text), 128, 128, 2).open(library);
        new Study(Demo.model(), all, progress -> { }).run(both, contenders);
        new Study(Demo.model(), one, progress -> { })
                .run(new TaskSpec.Perplexity(List.of(text), 128, 128, 1).open(library), contenders);
        new Study(Demo.model(), other, progress -> { }).run(both, contenders.subList(0, 1));
        new Study(Demo.model(), other, progress -> { }).run(both, contenders);
        one.merge(other);
        assertEquals(all.all().keySet(), one.all().keySet());
        all.all().forEach((key, sample) -> assertEquals(sample.value(), one.get(key).value(), key.toString()));
    }

    @Test
    void textsAreReadOnceAndCut() {
        var read = new int[1];
        var library = new Library(Demo.model(), file -> {
            read[0]++;
            return Utf8Text.read(file);
        });
        var cut = TextSpec.all(List.of(EMMA), 100).getFirst();
        assertEquals(100, library.document(cut).tokens().length);
        library.document(cut);
        assertEquals(1, read[0]);
        assertTrue(Arrays.equals(library.document(cut).tokens(), 0, 100,
                library.document(TextSpec.of(EMMA)).tokens(), 0, 100));
    }

    @Test
    void lineupsComparePerDensity() {
        var lineup = new Lineup(List.of("gate", "gate:threshold"), List.of(0.3, 0.1), List.of(0), false, null);
        assertEquals(4, lineup.specs().size());
        assertEquals("dense", lineup.compared("dense", "gate:density=0.1"));
        assertEquals("gate:density=0.1", lineup.compared("gate", "gate:threshold@0.1"));
        assertEquals("gate:threshold@0.3", lineup.compared("gate:threshold", "gate:density=0.3"));
        assertNull(lineup.compared("gate", "dense"));
        for (String none : List.of("gait", "gate:", "gate:top", "minmax:mass", "")) {
            assertThrows(IllegalArgumentException.class,
                    () -> new Lineup(List.of(none), List.of(0.1), List.of(0), false, null).specs(), none);
        }
    }
}
