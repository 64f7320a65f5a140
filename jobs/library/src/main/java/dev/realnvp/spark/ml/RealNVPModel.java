package dev.realnvp.spark.ml;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import dev.realnvp.model.Manifest;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.inference.FlowTransform;
import dev.realnvp.spark.inference.FlowTransform.Invalid;
import dev.realnvp.spark.inference.FlowTransform.Output;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.table.Features;
import dev.realnvp.spark.table.LabelNames;
import dev.realnvp.spark.table.Schemas;
import dev.realnvp.stored.FeatureColumns;
import dev.realnvp.stored.StoredModel;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * A trained flow: adds densities, posteriors, base-space vectors and anomaly scores to the rows of
 * a data set. The build makes {@link FlowColumns}, its columns, of {@code parameters.conf}.
 */
public final class RealNVPModel extends Model<RealNVPModel>
    implements FlowColumns<RealNVPModel>, MLWritable {

  /** Of what the flow reads, on its way; dropped again. */
  private static final String FEATURES = "realnvp_features";

  private static final String CONTEXT = "realnvp_context";

  private final String uid;
  private final StoredModel stored;
  private final dev.realnvp.flow.RealNVP flow;
  private final double[] prior;
  private final LabelNames labels;
  private final FeatureColumns columns;

  RealNVPModel(String uid, StoredModel stored) {
    this.uid = uid;
    this.stored = stored;
    this.flow = dev.realnvp.flow.RealNVP.of(stored.network());
    this.prior = FlowModel.prior(stored, flow);
    this.labels = FlowModel.names(stored);
    this.columns = FlowModel.features(stored, "").learnt();
    Parameters.setDefaults(this);
  }

  @Override
  public String uid() {
    return uid;
  }

  /** D, the number of features. */
  public int numFeatures() {
    return flow.features();
  }

  /** K, the number of classes that the density is conditioned on; 0 for none. */
  public int numClasses() {
    return prior.length == 0 ? 0 : flow.context();
  }

  /** C, how many numbers the density is conditioned on; 0 for none, or a class. */
  public int contextSize() {
    return prior.length == 0 ? flow.context() : 0;
  }

  /** The names of the classes, from class 0 on; none where they are numbers. */
  public List<String> labels() {
    return labels.names();
  }

  /** Where the model comes from: settings, seed, versions, history. */
  public Manifest manifest() {
    return stored.manifest();
  }

  /** The training's history, which is stored with the model. */
  public RealNVPSummary summary() {
    return new RealNVPSummary(stored.manifest().history());
  }

  @Override
  public Dataset<Row> transform(Dataset<?> data) {
    StructType schema = transformSchema(data.schema());
    Column context =
        contextSize() > 0
            ? Schemas.array(data.schema(), getContextCol())
            : lit(null).cast(DataTypes.createArrayType(DataTypes.FloatType));
    return new FlowTransform(
            SharedModel.broadcast(data.sparkSession(), stored.network()),
            prior,
            stored.temperature(),
            features(schema).name(),
            getContextCol(),
            getHandleInvalid().equals("skip") ? Invalid.SKIP : Invalid.REFUSE,
            List.copyOf(outputs().values()))
        .append(
            data.select(col("*"), features(schema).of(data).as(FEATURES), context.as(CONTEXT)),
            data.columns().length,
            schema,
            getInferenceBatch());
  }

  @Override
  public StructType transformSchema(StructType schema) {
    if (features(schema).learnt().columns().isEmpty()) {
      Columns.requireFeatures(schema, getFeaturesCol());
    }
    if (contextSize() > 0) {
      Columns.requireNumbers(schema, getContextCol());
    }
    return Columns.append(schema, outputs());
  }

  /** The columns that the flow was trained on, or where they are not there, vectors of features. */
  private Features features(StructType schema) {
    boolean vectors =
        Schemas.find(schema, getFeaturesCol(), "the data set").isPresent()
            && !columns.columns().stream()
                .allMatch(
                    column -> Schemas.find(schema, column.name(), "the data set").isPresent());
    return columns.columns().isEmpty() || vectors
        ? Features.of(getFeaturesCol(), new FeatureColumns(List.of(), columns.means(), 0, false))
        : Features.of("", columns);
  }

  private Map<String, Output> outputs() {
    return Columns.ofFlow(
        this,
        numClasses() > 0,
        stored.calibration().map(c -> c.detector(List.of(), getFalseAlarmRate())).orElse(null));
  }

  @Override
  public RealNVPModel copy(ParamMap extra) {
    return copyValues(new RealNVPModel(uid, stored), extra).setParent(parent());
  }

  @Override
  public MLWriter write() {
    return new ModelWriter(this, stored);
  }

  /** Reads a model that {@link #write} saved, or the job {@code train-flow}. */
  public static MLReader<RealNVPModel> read() {
    return new ModelReader<>(RealNVPModel.class, FlowModel.KIND, RealNVPModel::new);
  }

  public static RealNVPModel load(String path) {
    return read().load(path);
  }
}
