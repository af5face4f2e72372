package seer.style;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Each module sees only those before it: simulator, warp, tornado-kernels, model, gate, eval, runner, spark; beside
/// eval stands langchain4j, which nobody sees; and a library is seen only where it belongs. Maven keeps most of this
/// between modules; here it is also kept between packages.
class ModuleBoundaryTest {

    private static final String KERNELS = "seer.kernels..";
    private static final String SIMULATOR = "seer.sim..";
    private static final String WARP = "seer.warp..";
    private static final String MODEL = "seer.model..";
    private static final String GATE = "seer.gate..";
    private static final String RUNNER = "seer.run..";
    private static final String EVALUATION = "seer.eval..";
    private static final String LANGCHAIN4J = "seer.langchain4j..";
    private static final String SPARK = "seer.spark..";
    private static final String BACKENDS = "seer.model.Backends";
    private static final String CPU = "seer.model.backend.cpu..";
    private static final String TORNADO = "seer.model.backend.tornado..";

    private static JavaClasses classes;

    @BeforeAll
    static void readClasses() {
        classes = ProjectClasses.ALL;
    }

    /// Without this, a class file that cannot be read would let every other rule pass.
    @Test
    void classesOfTheModelAreReadTogetherWithWhatTheyUse() {
        assertTrue(classes.contain("seer.model.attention.BlockMask"), "seer.model.attention.BlockMask was not read");
        assertTrue(!classes.get("seer.model.attention.BlockMask").getDirectDependenciesFromSelf().isEmpty(),
                "seer.model.attention.BlockMask was read without its dependencies");
    }

    @Test
    void simulatorSeesNothingOfOurs() {
        never(SIMULATOR, WARP, KERNELS, MODEL, GATE, RUNNER);
    }

    /// They meet when the simulator loads a kernel and puts its models in the place of the operations, by name.
    @Test
    void operationsOfAWarpSeeNothingOfOursEither() {
        never(WARP, SIMULATOR, KERNELS, MODEL, GATE, RUNNER);
    }

    @Test
    void onlyKernelsCallOperationsOfAWarpAndTheSdkAsksForTheExtension() {
        only(WARP, WARP, KERNELS, "seer.model.backend.tornado.sdk..");
    }

    @Test
    void kernelsSeeNeitherModelNorGateNorRunner() {
        never(KERNELS, SIMULATOR, MODEL, GATE, RUNNER);
    }

    @Test
    void modelSeesNeitherGateNorRunner() {
        never(MODEL, GATE, EVALUATION, RUNNER);
    }

    @Test
    void gateNeverSeesTheRunner() {
        never(GATE, EVALUATION, RUNNER);
    }

    @Test
    void evaluationNeverSeesTheCommandLine() {
        never(EVALUATION, RUNNER);
    }

    /// It is there for those who want it, and costs nobody else a library.
    @Test
    void nobodySeesLangChain4jButTheModuleForIt() {
        assertTrue(classes.contain("seer.langchain4j.SeerChatModel"), "seer.langchain4j.SeerChatModel was not read");
        only("dev.langchain4j..", LANGCHAIN4J);
        only(LANGCHAIN4J, LANGCHAIN4J);
        never(LANGCHAIN4J, SIMULATOR, WARP, KERNELS, EVALUATION, RUNNER);
    }

    /// What is measured does not know how it is written down or who asked.
    @Test
    void tasksAndStatisticsSeeNeitherSpecificationsNorDatasets() {
        never("seer.eval", "seer.eval.plan..", "seer.eval.longbench..");
        never("seer.eval.longbench", "seer.eval.plan..");
    }

    /// What two commands share is a class of its own; only those that list commands name them.
    @Test
    void commandsDoNotSeeEachOther() {
        check(noClasses().that().resideInAPackage(RUNNER).and().areTopLevelClasses()
                .and().doNotHaveSimpleName("Main").and().doNotHaveSimpleName("EvalCommand")
                .and().doNotHaveSimpleName("BenchCommand")
                .should().dependOnClassesThat().areAnnotatedWith("picocli.CommandLine$Command"));
    }

    /// Everybody else goes through `Backend`; and neither of the two sees the other.
    @Test
    void onlyTheOpenerOfBackendsNamesTheirPackages() {
        assertTrue(classes.contain(BACKENDS), BACKENDS + " was not read");
        for (String backend : List.of(CPU, TORNADO)) {
            check(noClasses().that().resideOutsideOfPackage(backend).and().doNotHaveFullyQualifiedName(BACKENDS)
                    .should().dependOnClassesThat().resideInAPackage(backend));
        }
    }

    @Test
    void onlyTheCpuBackendUsesTheVectorApi() {
        only("jdk.incubator.vector..", CPU);
    }

    @Test
    void onlyKernelsSimulatorAndTheTornadoBackendUseTornado() {
        only("uk.ac.manchester.tornado..", KERNELS, WARP, SIMULATOR, TORNADO);
    }

    /// What asks many processes for something does not know which engine they are of.
    @Test
    void onlyThePartForSparkUsesSpark() {
        assertTrue(classes.contain("seer.spark.SeerPrefill"), "seer.spark.SeerPrefill was not read");
        only("org.apache.spark..", SPARK);
        only("org.apache.hadoop..", SPARK);
        only("scala..", SPARK);
    }

    /// Its way to the command line is one interface: no class of a command is named there.
    @Test
    void thePartForSparkSeesNoCommand() {
        never(SPARK, "seer.run", "seer.run.bench..", "seer.run.demo..");
    }

    @Test
    void onlyTheRunnerUsesPicocliProgressBarAndTables() {
        only("picocli..", RUNNER);
        only("me.tongfei.progressbar..", RUNNER);
        only("com.github.freva.asciitable..", RUNNER);
    }

    @Test
    void onlyReadersOfFilesAndTheRunnerUseJackson() {
        only("com.fasterxml.jackson..", "seer.model.load..", "seer.model.text..", "seer.model.convert..", GATE,
                EVALUATION, RUNNER, SPARK);
    }

    @Test
    void packagesOfTheKernelsHaveNoCycles() {
        check(slices().matching("seer.kernels.(*)..").should().beFreeOfCycles());
    }

    @Test
    void onlyTokenizersUseJoni() {
        only("org.joni..", "seer.model.text..");
        only("org.jcodings..", "seer.model.text..");
    }

    @Test
    void packagesOfTheModelHaveNoCycles() {
        check(slices().matching("seer.model.(*)..").should().beFreeOfCycles());
    }

    /// So that the root is what programs use, and nothing below leans on it.
    @Test
    void packagesOfTheModelDoNotSeeItsRoot() {
        for (String below : List.of("attention", "backend", "load", "text")) {
            never("seer.model." + below + "..", "seer.model");
        }
    }

    @Test
    void packagesOfTheGateAndTheRunnerHaveNoCycles() {
        check(slices().matching("seer.gate.(*)..").should().beFreeOfCycles());
        check(slices().matching("seer.run.(*)..").should().beFreeOfCycles());
        check(slices().matching("seer.eval.(*)..").should().beFreeOfCycles());
    }

    private static void never(String from, String... to) {
        check(noClasses().that().resideInAPackage(from)
                .should().dependOnClassesThat().resideInAnyPackage(to));
    }

    private static void only(String used, String... by) {
        check(noClasses().that().resideInAPackage("seer..").and().resideOutsideOfPackages(by)
                .should().dependOnClassesThat().resideInAPackage(used));
    }

    /// A package that is not there breaks no rule.
    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(classes);
    }
}
