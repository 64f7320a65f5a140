import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;

/**
 * Prints how many rows the Parquet files of each folder have, by their own descriptions, and no one
 * else's word: {@code java -cp 'target/spark/jars/*' submit/chaos/CountRows.java FOLDER...}. Options
 * of the file system are properties that start with {@code fs.}.
 */
public class CountRows {

  public static void main(String[] folders) throws Exception {
    Configuration hadoop = new Configuration();
    System.getProperties()
        .forEach(
            (name, value) -> {
              if (name.toString().startsWith("fs.")) {
                hadoop.set(name.toString(), value.toString());
              }
            });
    for (String folder : folders) {
      System.out.println(rows(hadoop, new Path(folder)));
    }
  }

  private static long rows(Configuration hadoop, Path folder) throws Exception {
    long rows = 0;
    FileSystem files = folder.getFileSystem(hadoop);
    for (FileStatus file : files.listStatus(folder)) {
      if (file.getPath().getName().endsWith(".parquet")) {
        try (ParquetFileReader reader =
            ParquetFileReader.open(HadoopInputFile.fromStatus(file, hadoop))) {
          rows += reader.getRecordCount();
        }
      }
    }
    return rows;
  }
}
