"""What every page of the console stands in: gate, navigation, forms, paging, search."""
