package seer.style;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import seer.model.backend.Backend;
import seer.model.backend.Contract;
import seer.model.backend.SelectionContract;
import seer.model.backend.GateSide;
import seer.model.backend.KeyValueCache;
import seer.model.backend.Matrix;
import seer.model.backend.Tensor;
import seer.model.backend.tornado.sdk.Installation;
import seer.model.backend.tornado.sdk.WarpSupport;

/// Rules of CONTRIBUTING.md that a line does not show and a class file does.
class CodeRulesTest {
    private static final Set<String> OPERANDS = Set.of(Tensor.class.getName(), Matrix.class.getName(),
            KeyValueCache.class.getName(), GateSide.class.getName());
    private static final Set<String> PROPERTIES = Set.of("getProperty", "getBoolean", "getInteger", "getLong",
            "getenv");

    private static final List<Class<?>> CONTRACTS = List.of(Contract.class, SelectionContract.class);
    private static final JavaClasses CLASSES = ProjectClasses.ALL;

    /// But for what there is once in a JVM: the simulator's hooks in the arrays that it watches, and the compiler's
    /// extension, which installs itself once.
    @Test
    void noStaticFieldIsVariable() {
        fields().that().areStatic().and().areDeclaredInClassesThat().resideOutsideOfPackages("seer.sim..",
                        "seer.warp.compiler..")
                .and().doNotHaveFullName("seer.model.backend.tornado.sdk.WarpSupport.found")
                .should().beFinal().check(CLASSES);
    }

    /// The command line reads its own, the tornado backend TornadoVM's and which kernels are wanted, the simulator its
    /// own, and the processor's name comes from the JVM.
    @Test
    void systemPropertiesAreReadWhereTheyApply() {
        var found = new ArrayList<String>();
        for (JavaClass each : CLASSES) {
            String name = each.getPackageName() + ".";
            boolean may = name.startsWith("seer.run.") || name.startsWith("seer.sim.")
                    || name.startsWith("seer.model.backend.tornado.") || each.getSimpleName().equals("Processor");
            each.getMethodCallsFromSelf().stream().filter(call -> !may && reads(call))
                    .forEach(call -> found.add(call.getDescription()));
        }
        assertEquals(List.of(), found);
    }

    private static boolean reads(JavaMethodCall call) {
        return call.getTargetOwner().getPackageName().equals("java.lang") && PROPERTIES.contains(call.getName());
    }

    /// Without its extension TornadoVM waits for each graph, in silence: no precision may leave it out.
    @Test
    void tornadoVmIsOpenedTogetherWithItsExtension() {
        String open = Installation.class.getName() + ".open()";
        assertEquals(List.of(open), CLASSES.get(Installation.class).getConstructorCallsToSelf().stream()
                .map(call -> call.getOrigin().getFullName()).toList());
        assertTrue(CLASSES.get(Installation.class).getMethodCallsFromSelf().stream()
                .anyMatch(call -> call.getOrigin().getFullName().equals(open)
                        && call.getTargetOwner().isEquivalentTo(WarpSupport.class) && call.getName().equals("of")));
    }

    /// Operands are checked where they come in, by the contracts, and nowhere else.
    @Test
    void everyOperationOfABackendAsksTheContract() {
        int operations = 0;
        var found = new ArrayList<String>();
        for (JavaClass backend : CLASSES) {
            for (JavaMethod method : backend.isAssignableTo(Backend.class) && !backend.isInterface()
                    ? backend.getMethods() : Set.<JavaMethod>of()) {
                if (isOperation(method)) {
                    operations++;
                    if (method.getMethodCallsFromSelf().stream().noneMatch(call ->
                            CONTRACTS.stream().anyMatch(call.getTargetOwner()::isEquivalentTo)
                                    && call.getName().equals(method.getName()))) {
                        found.add(method.getFullName());
                    }
                }
            }
        }
        assertTrue(operations > 30, operations + " operations");
        assertEquals(List.of(), found);
    }

    private static boolean isOperation(JavaMethod method) {
        return method.getModifiers().contains(JavaModifier.PUBLIC)
                && method.getRawParameterTypes().stream().anyMatch(type -> OPERANDS.contains(type.getName()));
    }
}
