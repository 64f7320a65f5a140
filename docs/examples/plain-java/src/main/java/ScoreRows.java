import dev.realnvp.RealNVPFlow;
import dev.realnvp.flow.ClassMixture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** Scores some rows with the flow in a folder: the shortest program. */
public final class ScoreRows {

  private ScoreRows() {}

  public static void main(String[] args) throws IOException {
    RealNVPFlow flow = RealNVPFlow.load(Path.of(args[0])); // "runs/default/flow"
    float[][] rows = new float[3][flow.features()];

    ClassMixture.Scores scores = flow.score(rows);
    double[] logProb = scores.marginal(); // log p(x) of each row, in nats
    double[][] posterior = scores.posterior(); // P(class | x)
    double[] strangeness = flow.anomalyScores(scores);
    boolean anomaly = flow.detector(0.01).isAnomaly(strangeness[0]); // at 1 % of false alarms

    System.out.println(Arrays.toString(logProb));
    System.out.println(Arrays.deepToString(posterior));
    System.out.println(strangeness[0] + (anomaly ? ", an anomaly" : ", normal"));
  }
}
