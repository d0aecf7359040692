"""What every report needs: periods."""
