package seer.warp.compiler;

import jdk.graal.compiler.core.common.LIRKind;
import jdk.graal.compiler.core.common.type.StampFactory;
import jdk.graal.compiler.graph.NodeClass;
import jdk.graal.compiler.graph.NodeInputList;
import jdk.graal.compiler.nodeinfo.NodeInfo;
import jdk.graal.compiler.nodes.FixedWithNextNode;
import jdk.graal.compiler.nodes.ValueNode;
import jdk.graal.compiler.nodes.memory.SingleMemoryKill;
import jdk.graal.compiler.nodes.spi.LIRLowerable;
import jdk.graal.compiler.nodes.spi.NodeLIRBuilderTool;
import jdk.vm.ci.meta.AllocatableValue;
import jdk.vm.ci.meta.JavaKind;
import jdk.vm.ci.meta.Value;
import org.graalvm.word.LocationIdentity;
import uk.ac.manchester.tornado.drivers.cuda.graal.lir.CUDAKind;

/// One operation of a warp within TornadoVM's graph of a kernel.
///
/// It is fixed in its place and kills all memory: neither it nor a read or write of a private array moves across
/// another.
@NodeInfo
public final class CudaNode extends FixedWithNextNode implements LIRLowerable, SingleMemoryKill {
    public static final NodeClass<CudaNode> TYPE = NodeClass.create(CudaNode.class);

    @Input NodeInputList<ValueNode> arguments;
    private final String text;
    private final JavaKind result;

    /// @param text   a statement of CUDA C: `$0`, `$1` ... stand for the arguments, `$r` for the result
    /// @param result what it yields: `Int`, `Float` or `Void`
    public CudaNode(String text, JavaKind result, ValueNode... arguments) {
        super(TYPE, result == JavaKind.Void ? StampFactory.forVoid() : StampFactory.forKind(result));
        this.text = text;
        this.result = result;
        this.arguments = new NodeInputList<>(this, arguments);
    }

    @Override
    public LocationIdentity getKilledLocationIdentity() {
        return LocationIdentity.any();
    }

    @Override
    public void generate(NodeLIRBuilderTool builder) {
        var generator = builder.getLIRGeneratorTool();
        var values = new Value[arguments.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = builder.operand(arguments.get(i));
        }
        AllocatableValue to = Value.ILLEGAL;
        if (result != JavaKind.Void) {
            to = generator.newVariable(LIRKind.value(result == JavaKind.Int ? CUDAKind.INT : CUDAKind.FLOAT));
            builder.setResult(this, to);
        }
        generator.append(new CudaStatement(text, to, values));
    }
}
