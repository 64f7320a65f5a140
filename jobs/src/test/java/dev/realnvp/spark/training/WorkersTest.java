package dev.realnvp.spark.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.cluster.Workers;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;

class WorkersTest {

  private final JavaSparkContext spark = LocalSpark.context();

  private static SparkConf conf(String... pairs) {
    SparkConf conf = new SparkConf(false);
    for (int i = 0; i < pairs.length; i += 2) {
      conf.set(pairs[i], pairs[i + 1]);
    }
    return conf;
  }

  @Test
  void localMasterHasItsThreads() {
    assertThat(Workers.count(spark)).isEqualTo(2);
  }

  @Test
  void localMastersNameTheirCores() {
    assertThat(Workers.localCores("local")).hasValue(1);
    assertThat(Workers.localCores("local[3]")).hasValue(3);
    assertThat(Workers.localCores("local[3,4]")).hasValue(3);
    assertThat(Workers.localCores("local[3, 4]")).hasValue(3);
    assertThat(Workers.localCores("local[3 ,4]")).hasValue(3);
    assertThat(Workers.localCores("local[*, 4]"))
        .hasValue(Runtime.getRuntime().availableProcessors());
    assertThat(Workers.localCores("local[*]")).hasValue(Runtime.getRuntime().availableProcessors());
    assertThat(Workers.localCores("local-cluster[2,1,1024]")).isEmpty();
    assertThat(Workers.localCores("spark://host:7077")).isEmpty();
  }

  @Test
  void configurationPromisesCores() {
    assertThat(Workers.expectedCores("local-cluster[2,3,1024]", conf())).hasValue(6);
    assertThat(Workers.expectedCores("local-cluster[ 2 , 3 , 1024 ]", conf())).hasValue(6);
    assertThat(Workers.expectedCores("spark://host:7077", conf("spark.cores.max", "5")))
        .hasValue(5);
    assertThat(
            Workers.expectedCores(
                "yarn", conf("spark.executor.instances", "4", "spark.executor.cores", "2")))
        .hasValue(8);
    assertThat(Workers.expectedCores("spark://host:7077", conf())).isEmpty();
  }
}
